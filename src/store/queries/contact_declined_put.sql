-- ?1 token, ?2 now; of an invitation that is not answered. The decision is the one that was kept with it, else the newest that asked this customer this here.
INSERT OR IGNORE INTO contact_declined (token, decision, survey, channel, at_ms)
SELECT t.id, coalesce(i.decision, (SELECT max(d.id) FROM contact_decision d WHERE d.customer = t.customer AND d.customer <> '' AND d.survey = s.key
		AND d.channel = ?3 AND d.reason = 0 AND d.reminder = 0 AND d.at_ms <= t.created_ms)), s.key, coalesce(i.channel, ?3), ?2
FROM survey_token t JOIN survey s ON s.id = t.survey LEFT JOIN contact_invitation i ON i.token = t.id
WHERE t.id = ?1 AND NOT EXISTS (SELECT 1 FROM response r WHERE r.token = t.id AND r.completed_ms IS NOT NULL);
