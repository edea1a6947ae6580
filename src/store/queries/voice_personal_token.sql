SELECT s.key AS survey, t.about, t.journey, t.channel, t.unit, t.environment, t.lang, t.created_ms, t.expires_ms
FROM survey_token t JOIN survey s ON s.id = t.survey WHERE t.customer = ?1 ORDER BY t.id
