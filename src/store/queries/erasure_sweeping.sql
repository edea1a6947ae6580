UPDATE erasure SET state = 1 WHERE id = ?1
