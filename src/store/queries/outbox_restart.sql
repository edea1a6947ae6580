UPDATE outbox_message SET state = 0, next_ms = ?1, changed_ms = ?1, reason = 'restart' WHERE state = 1;
