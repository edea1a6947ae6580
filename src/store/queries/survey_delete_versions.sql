DELETE FROM survey_version WHERE survey = (SELECT id FROM survey WHERE key = ?1)
