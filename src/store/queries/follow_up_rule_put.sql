UPDATE follow_up_rule SET document = ?2, from_arrival = CASE WHEN enabled = 0 AND ?3 = 1 THEN ?4 ELSE from_arrival END, enabled = ?3,
	changed_ms = ?5, author = ?6 WHERE id = ?1 AND deleted = 0
