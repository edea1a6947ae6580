-- what a link's code leads to; the columns of all *_way are the same. The last but one: 1 when no answer changes
-- any of them; the last: when a token was made
SELECT s.id, s.key, s.state, (SELECT max(version) FROM survey_version WHERE survey = s.id),
	l.id, 0, '', l.about, '', l.channel, l.unit, l.environment, l.lang,
	coalesce(l.expires_ms, 0), (l.removed_ms IS NOT NULL OR (l.answers_max IS NOT NULL AND l.completed >= l.answers_max)),
	l.answers_max IS NULL, 0
FROM survey_link l JOIN survey s ON s.id = l.survey WHERE l.code = ?1
