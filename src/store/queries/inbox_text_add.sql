INSERT INTO feedback_text_@month (rowid, words) VALUES (?1, ?2)
