UPDATE follow_up SET escalated_ms = ?2 WHERE id = ?1
