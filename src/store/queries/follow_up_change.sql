UPDATE follow_up SET state = ?2, responsible = ?3, cause = ?4, outcome = ?5, due_ms = ?6, closed_ms = ?7 WHERE id = ?1
