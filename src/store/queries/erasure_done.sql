UPDATE erasure SET state = 2, done_ms = ?2 WHERE id = ?1
