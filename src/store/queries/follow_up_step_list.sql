SELECT id, at_ms, author, what, text FROM follow_up_step WHERE follow_up = ?1 ORDER BY id
