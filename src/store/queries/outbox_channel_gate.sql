UPDATE outbox_channel SET next_ms = ?2 WHERE key = ?1;
