SELECT at_ms FROM erasure_ledger WHERE hash = ?1
