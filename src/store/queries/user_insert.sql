INSERT INTO user (login, name, role, password, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)
