SELECT 1 FROM sqlite_schema WHERE name = 'erasure_ledger'
