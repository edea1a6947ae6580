UPDATE session SET last_ms = ?2 WHERE token_hash = ?1
