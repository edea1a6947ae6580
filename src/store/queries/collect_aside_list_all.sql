SELECT id, source, received_ms, reason, field, text, raw FROM set_aside WHERE id < ?1 ORDER BY id DESC LIMIT ?2;
