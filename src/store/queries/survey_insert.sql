INSERT INTO survey (key, created_ms) VALUES (?1, ?2)
