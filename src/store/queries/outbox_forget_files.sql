DELETE FROM outbox_file WHERE message IN (SELECT id FROM outbox_message WHERE text = '' AND id IN (SELECT message FROM outbox_file));
