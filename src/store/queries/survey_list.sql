-- ?1 = '': all, by age; ?2 = 0: the newest version
SELECT s.key, v.name, v.version, s.state, s.created_ms, v.saved_ms, v.author, v.questions, s.started, s.completed,
	(SELECT count(*) FROM survey_token t WHERE t.survey = s.id), s.id,
	(SELECT max(version) FROM survey_version WHERE survey = s.id), v.document
FROM survey s JOIN survey_version v ON v.survey = s.id
WHERE (?1 = '' OR s.key = ?1)
	AND v.version = CASE ?2 WHEN 0 THEN (SELECT max(version) FROM survey_version WHERE survey = s.id) ELSE ?2 END
ORDER BY s.id
