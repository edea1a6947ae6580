SELECT id, medium, address, purpose, ref FROM outbox_message WHERE key = ?1 AND state = 0;
