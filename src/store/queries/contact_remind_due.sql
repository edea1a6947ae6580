SELECT i.id, i.survey, i.customer, i.channel, i.link, i.lang, i.sent_ms FROM contact_invitation i
WHERE reminded_ms IS NULL AND failed_ms IS NULL AND sent_ms IS NOT NULL AND sent_ms <= ?1 AND customer <> '' AND id > ?3
	AND NOT EXISTS (SELECT 1 FROM response r WHERE r.token = i.token AND r.completed_ms IS NOT NULL)
ORDER BY id LIMIT ?2;
