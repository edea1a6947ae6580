UPDATE user SET last_ms = ?2 WHERE id = ?1
