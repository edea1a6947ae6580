UPDATE outbox_channel SET trouble = ?2, trouble_ms = ?3 WHERE key = ?1 AND trouble <> ?2;
