DELETE FROM survey_link WHERE survey = (SELECT id FROM survey WHERE key = ?1)
