UPDATE survey_link SET removed_ms = ?3 WHERE code = ?2 AND removed_ms IS NULL AND survey = (SELECT id FROM survey WHERE key = ?1)
