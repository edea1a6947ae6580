SELECT s.id, s.key, s.state, (SELECT max(version) FROM survey_version WHERE survey = s.id),
	0, t.id, t.customer, t.about, t.journey, t.channel, t.unit, t.environment, t.lang, t.expires_ms, 0, 0, t.created_ms
FROM survey_token t JOIN survey s ON s.id = t.survey WHERE t.id = ?1
