-- responses of a survey behind an id, in order; complete ones only with ?3
SELECT id, code, version, customer, anonymous, lang, channel, unit, environment, about, journey, started_ms, completed_ms, answers
FROM response WHERE survey = ?1 AND id > ?2 AND (?3 = 0 OR completed_ms IS NOT NULL) ORDER BY id LIMIT ?4
