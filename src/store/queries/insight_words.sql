SELECT c.text, w.text FROM feedback_comment c JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang WHERE c.arrival = ?1
