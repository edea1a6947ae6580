INSERT INTO insight_adopted (lang, model, at_ms, author) VALUES (?1, ?2, ?3, ?4)
