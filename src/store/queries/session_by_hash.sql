SELECT u.id, u.login, u.name, u.role, u.created_ms, coalesce(u.last_ms, 0), u.disabled, u.settings, s.created_ms, s.last_ms, coalesce(u.unit, '')
FROM session s JOIN user u ON u.id = s.user WHERE s.token_hash = ?1
