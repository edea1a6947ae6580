SELECT l.code, s.key, l.name, l.channel, l.unit, l.environment, l.about, l.lang, l.created_ms, l.expires_ms, l.answers_max,
	l.started, l.completed
FROM survey_link l JOIN survey s ON s.id = l.survey WHERE s.key = ?1 AND l.removed_ms IS NULL ORDER BY l.id
