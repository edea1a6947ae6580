SELECT s.id, s.key, s.state, (SELECT max(version) FROM survey_version WHERE survey = s.id),
	0, 0, '', '', '', '', '', '', '', 0, 0, 0, 0
FROM survey s WHERE s.key = ?1
