INSERT INTO feedback_comment (arrival, text) VALUES (?1, ?2)
