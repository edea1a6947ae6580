SELECT arrival, at_ms, author, reply, channel, text FROM feedback_note WHERE arrival = ?1 ORDER BY id
