-- nothing changes when the link has all the answers that it may have
UPDATE survey_link SET started = started + ?2, completed = completed + ?3
WHERE id = ?1 AND (?3 = 0 OR answers_max IS NULL OR completed < answers_max)
