SELECT id, unit, map, role, address, lang, enabled, sent_week, created_ms, author FROM report ORDER BY unit, address, id
