DELETE FROM survey_token WHERE survey = (SELECT id FROM survey WHERE key = ?1)
