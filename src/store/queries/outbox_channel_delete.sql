DELETE FROM outbox_channel WHERE key = ?1;
