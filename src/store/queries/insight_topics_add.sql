INSERT INTO insight_topics (version, document, saved_ms, author) VALUES (?1, ?2, ?3, ?4)
