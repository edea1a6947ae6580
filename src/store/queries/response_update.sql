-- nothing changes when it was completed meanwhile
UPDATE response SET answers = ?2, changed_ms = ?3, completed_ms = ?4, lang = ?5 WHERE id = ?1 AND completed_ms IS NULL
