INSERT INTO erasure_count (erasure, kind, n) VALUES (?1, ?2, ?3) ON CONFLICT (erasure, kind) DO UPDATE SET n = n + excluded.n
