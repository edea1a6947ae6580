INSERT INTO segment (key, created_ms) VALUES (?1, ?2)
