INSERT INTO insight_labelling (document, at_ms, author) VALUES (?1, ?2, ?3)
