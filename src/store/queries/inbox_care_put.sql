INSERT INTO feedback_care (arrival, state, assigned, changed_ms, author) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (arrival) DO UPDATE SET state = ?2, assigned = ?3, changed_ms = ?4, author = ?5
