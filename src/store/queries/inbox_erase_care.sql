DELETE FROM feedback_care WHERE arrival = ?1
