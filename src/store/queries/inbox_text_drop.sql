-- the table has no content: what was added says what goes
INSERT INTO feedback_text_@month (feedback_text_@month, rowid, words) VALUES ('delete', ?1, ?2)
