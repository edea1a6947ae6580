UPDATE follow_up_rule SET deleted = 1, enabled = 0 WHERE id = ?1 AND deleted = 0
