INSERT INTO survey_version (survey, version, saved_ms, author, name, questions, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
