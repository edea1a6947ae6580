UPDATE outbox_message SET state = 0, tries = 0, next_ms = ?2, changed_ms = ?2, reason = '' WHERE id = ?1 AND state IN (4, 5) AND text <> '';
