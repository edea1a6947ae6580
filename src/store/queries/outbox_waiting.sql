SELECT id, purpose, ref FROM outbox_message WHERE state = 0 AND address = ?1 AND medium = ?2;
