DELETE FROM feedback_tag WHERE arrival = ?1
