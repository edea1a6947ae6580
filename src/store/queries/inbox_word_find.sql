SELECT id FROM feedback_word WHERE text = ?1
