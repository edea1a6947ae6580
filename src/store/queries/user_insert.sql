INSERT INTO user (login, name, role, password, created_ms, unit) VALUES (?1, ?2, ?3, ?4, ?5, NULLIF(?6, ''))
