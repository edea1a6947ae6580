-- how many said no to survey ?1 since ?2, by channel
SELECT channel, count(*) FROM contact_declined WHERE survey = ?1 AND at_ms >= ?2
	AND EXISTS (SELECT 1 FROM survey_token t WHERE t.id = token) GROUP BY channel ORDER BY channel;
