SELECT id, login, name, role, created_ms, coalesce(last_ms, 0), disabled, settings, password FROM user WHERE login = ?1
