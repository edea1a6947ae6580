INSERT INTO follow_up_step (follow_up, at_ms, author, what, text) VALUES (?1, ?2, ?3, ?4, ?5)
