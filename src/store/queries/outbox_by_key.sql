SELECT id FROM outbox_message WHERE key = ?1;
