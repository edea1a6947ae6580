INSERT INTO erasure (asked_ms, done_ms, state, author, reason) VALUES (?1, NULL, 0, ?2, ?3)
