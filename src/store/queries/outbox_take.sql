UPDATE outbox_message SET state = 1, tries = tries + 1, changed_ms = ?2 WHERE id = ?1 AND state = 0;
