INSERT INTO survey_link (code, survey, name, channel, unit, environment, about, lang, created_ms, expires_ms, answers_max)
SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM survey WHERE key = ?2
