INSERT INTO follow_up_rule (document, enabled, from_arrival, created_ms, changed_ms, author) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
