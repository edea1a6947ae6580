DELETE FROM feedback_note WHERE arrival = ?1
