-- by its code, by the token that it answers, or by the row ?3 that has the code for a name
SELECT r.id, r.code, r.survey, s.key, s.state, r.version, coalesce(r.link, 0), coalesce(r.token, 0), r.customer, r.anonymous,
	r.lang, r.channel, r.unit, r.environment, r.about, r.journey, r.completed_ms, r.answers, r.started_ms
FROM response r JOIN survey s ON s.id = r.survey WHERE r.id = ?3 AND r.code = ?1
UNION ALL
SELECT r.id, r.code, r.survey, s.key, s.state, r.version, coalesce(r.link, 0), coalesce(r.token, 0), r.customer, r.anonymous,
	r.lang, r.channel, r.unit, r.environment, r.about, r.journey, r.completed_ms, r.answers, r.started_ms
FROM response r JOIN survey s ON s.id = r.survey WHERE r.code = ?1 AND r.named = 0
UNION ALL
SELECT r.id, r.code, r.survey, s.key, s.state, r.version, coalesce(r.link, 0), coalesce(r.token, 0), r.customer, r.anonymous,
	r.lang, r.channel, r.unit, r.environment, r.about, r.journey, r.completed_ms, r.answers, r.started_ms
FROM response r JOIN survey s ON s.id = r.survey WHERE r.token = ?2
LIMIT 1
