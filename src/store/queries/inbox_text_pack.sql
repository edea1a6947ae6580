-- one segment, in which nothing is left of what was deleted
INSERT INTO feedback_text_@month (feedback_text_@month) VALUES ('optimize')
