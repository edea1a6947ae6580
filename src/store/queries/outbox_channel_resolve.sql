SELECT key, medium FROM outbox_channel WHERE key = ?1 OR (medium = ?2 AND enabled = 1)
ORDER BY key = ?1 DESC, made_ms, key LIMIT 1;
