SELECT arrival, tag FROM feedback_tag WHERE arrival = ?1
