INSERT INTO map (key, created_ms) VALUES (?1, ?2)
