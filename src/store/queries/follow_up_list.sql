-- Overdue and due first, then closed ones by when they were closed; NULL: any. ?8 is the last one of the page before: (closed, due, id)
SELECT f.id, f.rule, f.arrival, f.identity, f.unit, f.event, f.about, f.utility, f.opened_ms, f.due_ms, f.state, f.responsible, f.cause, f.outcome, f.first_reply_ms, f.closed_ms, f.escalated_ms, c.text, r.document
FROM follow_up f JOIN follow_up_rule r ON r.id = f.rule LEFT JOIN feedback_comment c ON c.arrival = f.arrival
WHERE (?1 IS NULL OR (1 << f.state) & ?1) AND (?2 IS NULL OR f.responsible = ?2)
	AND (?3 IS NULL OR f.unit = ?3 OR (f.unit > ?3 || '/' AND f.unit < ?3 || '0')) AND (?4 IS NULL OR f.rule = ?4)
	AND (?5 IS NULL OR (f.state < 3 AND f.due_ms < ?5)) AND (?6 IS NULL OR f.arrival = ?6)
	AND (f.state = 3, f.due_ms, f.id) > (?7, ?8, ?9)
ORDER BY f.state = 3, f.due_ms, f.id LIMIT ?10
