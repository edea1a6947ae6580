SELECT s.key AS survey, r.code, r.version, r.lang, r.channel, r.unit, r.environment, r.about, r.journey, r.started_ms, r.changed_ms,
	r.completed_ms, r.answers AS answers_json
FROM response r JOIN survey s ON s.id = r.survey WHERE r.customer = ?1 AND ?1 <> '' ORDER BY r.id
