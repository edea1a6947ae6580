-- what may speak of a person; the caller looks closer
SELECT id, source, raw, text FROM set_aside WHERE id > ?2 AND (instr(raw, ?1) > 0 OR instr(text, ?1) > 0) ORDER BY id LIMIT 1;
