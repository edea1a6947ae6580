INSERT INTO survey_token (survey, customer, about, journey, channel, unit, environment, lang, created_ms, expires_ms)
SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM survey WHERE key = ?1
