INSERT OR REPLACE INTO insight_said (topic, at_ms, arrival, sentiment) VALUES (?1, ?2, ?3, ?4)
