INSERT INTO record_name (id, key, record) VALUES (?1, ?2, ?3)
