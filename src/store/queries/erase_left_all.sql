SELECT hash, at_ms FROM erasure_ledger
