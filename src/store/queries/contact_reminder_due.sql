SELECT count(*) FROM contact_invitation i WHERE id = ?1 AND sent_ms <= ?2 AND reminded_ms IS NULL AND failed_ms IS NULL
	AND NOT EXISTS (SELECT 1 FROM response r WHERE r.token = i.token AND r.completed_ms IS NOT NULL)
	AND NOT EXISTS (SELECT 1 FROM contact_declined d WHERE d.token = i.token);
