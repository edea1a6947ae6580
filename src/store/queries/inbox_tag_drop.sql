DELETE FROM feedback_tag WHERE arrival = ?1 AND tag = ?2
