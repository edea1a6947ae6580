DROP TABLE IF EXISTS feedback_text_@month
