SELECT id FROM outbox_message WHERE channel = ?1 AND provider = ?2 AND provider <> '' ORDER BY id DESC LIMIT 1;
