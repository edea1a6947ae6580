SELECT count(*), count(r.completed_ms) FROM survey_token t LEFT JOIN response r ON r.token = t.id
WHERE t.survey = ?1 AND t.created_ms >= ?2 AND t.created_ms < ?3
