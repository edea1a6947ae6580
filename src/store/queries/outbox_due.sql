SELECT id, next_ms FROM outbox_message WHERE state = 0 AND channel = ?1 AND next_ms <= ?2 ORDER BY next_ms, id LIMIT 1;
