INSERT INTO session (token_hash, user, created_ms, last_ms) VALUES (?1, ?2, ?3, ?3)
