-- For replay, oldest first; ?2 NULL means any source, ?3 NULL any reason.
SELECT id, source, received_ms, reason, field, text, raw FROM set_aside
WHERE id > ?1 AND (?2 IS NULL OR source = ?2) AND (?3 IS NULL OR reason = ?3) ORDER BY id LIMIT ?4;
