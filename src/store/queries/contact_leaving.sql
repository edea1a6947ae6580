-- what an invitation's message should know before it leaves; state NULL: its survey is gone
SELECT i.decision, i.token, i.sent_ms IS NOT NULL, s.state, coalesce(a.country, ''), coalesce(a.zone, ''),
	i.customer,
	EXISTS (SELECT 1 FROM response r WHERE r.token = i.token AND r.completed_ms IS NOT NULL)
		OR EXISTS (SELECT 1 FROM contact_declined d WHERE d.token = i.token),
	coalesce(t.expires_ms, 0)
FROM contact_invitation i LEFT JOIN survey s ON s.key = i.survey LEFT JOIN survey_token t ON t.id = i.token LEFT JOIN contact_address a ON a.customer = i.customer AND i.customer <> ''
WHERE i.id = ?1;
