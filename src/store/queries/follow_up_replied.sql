UPDATE follow_up SET first_reply_ms = COALESCE(first_reply_ms, ?2) WHERE id = ?1
