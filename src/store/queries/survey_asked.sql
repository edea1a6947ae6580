-- invitations to survey ?1 made in [?2, ?3), in unit ?4 and those below it ('' all), by id; and whether each was answered to the end
SELECT t.id, t.customer, t.channel, t.lang, t.unit, t.created_ms, r.completed_ms IS NOT NULL
FROM survey_token t LEFT JOIN response r ON r.token = t.id
WHERE t.survey = ?1 AND t.created_ms >= ?2 AND t.created_ms < ?3
	AND (?4 = '' OR t.unit = ?4 OR (t.unit > ?4 || '/' AND t.unit < ?4 || '0'))
ORDER BY t.id
