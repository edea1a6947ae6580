-- responses of a survey behind an id, in order; complete ones only with ?3; of unit ?5 and those below it, '' all
SELECT id, code, version, customer, anonymous, lang, channel, unit, environment, about, journey, started_ms, completed_ms, answers, token
FROM response WHERE survey = ?1 AND id > ?2 AND (?3 = 0 OR completed_ms IS NOT NULL)
	AND (?5 = '' OR unit = ?5 OR (unit > ?5 || '/' AND unit < ?5 || '0')) ORDER BY id LIMIT ?4
