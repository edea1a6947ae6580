DELETE FROM outbox_file WHERE message IN (SELECT id FROM outbox_message WHERE customer = ?1);
