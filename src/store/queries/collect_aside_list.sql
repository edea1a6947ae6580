-- One source, newest first.
SELECT id, source, received_ms, reason, field, text, raw FROM set_aside WHERE source = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3;
