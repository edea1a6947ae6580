INSERT INTO report (unit, map, role, address, lang, enabled, sent_week, created_ms, author) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8)
