SELECT i.id, i.survey, i.customer, i.channel, i.link, i.lang, i.sent_ms, i.remind_tries FROM contact_invitation i
WHERE reminded_ms IS NULL AND failed_ms IS NULL AND sent_ms IS NOT NULL AND sent_ms <= ?1 AND customer <> '' AND id > ?3
	AND (remind_next_ms IS NULL OR remind_next_ms <= ?4)
	AND NOT EXISTS (SELECT 1 FROM contact_declined d WHERE d.token = i.token)
	AND NOT EXISTS (SELECT 1 FROM response r WHERE r.token = i.token AND r.completed_ms IS NOT NULL)
ORDER BY id LIMIT ?2;
