DELETE FROM feedback_comment WHERE arrival = ?1
