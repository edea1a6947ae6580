UPDATE outbox_message SET state = ?2, changed_ms = ?3, next_ms = ?4, reason = ?5, provider = CASE WHEN ?6 = '' THEN provider ELSE ?6 END
WHERE id = ?1;
