INSERT INTO insight_model (lang, made_ms, author, better, report, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
