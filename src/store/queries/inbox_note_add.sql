INSERT INTO feedback_note (arrival, at_ms, author, reply, channel, message, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
