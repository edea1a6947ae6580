-- of unit ?4 and those below it, '' all: how many were invited in [?2, ?3), and how many of them have answered
SELECT count(*), count(r.completed_ms) FROM survey_token t LEFT JOIN response r ON r.token = t.id
WHERE t.survey = ?1 AND t.created_ms >= ?2 AND t.created_ms < ?3
	AND (?4 = '' OR t.unit = ?4 OR (t.unit > ?4 || '/' AND t.unit < ?4 || '0'))
