INSERT INTO erasure_ledger (hash, at_ms) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET at_ms = excluded.at_ms
