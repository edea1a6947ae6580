SELECT id, purpose, ref, address, medium FROM outbox_message WHERE state = 0 AND channel = ?1 LIMIT 500;
