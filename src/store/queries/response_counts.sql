-- of a survey in unit ?2 and those below it: responses begun, complete, and people invited
SELECT count(*), count(completed_ms),
	(SELECT count(*) FROM survey_token t WHERE t.survey = ?1 AND (t.unit = ?2 OR (t.unit > ?2 || '/' AND t.unit < ?2 || '0')))
FROM response WHERE survey = ?1 AND (unit = ?2 OR (unit > ?2 || '/' AND unit < ?2 || '0'))
