INSERT INTO outbox_heard (hash, at_ms) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING
