SELECT id, login, name, role, created_ms, coalesce(last_ms, 0), disabled, settings, password, coalesce(unit, '') FROM user ORDER BY login LIMIT 10000
