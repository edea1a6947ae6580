SELECT id, at_ms, author, reply, channel, message, text FROM feedback_note WHERE arrival = ?1 ORDER BY id
