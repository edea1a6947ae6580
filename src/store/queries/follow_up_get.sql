SELECT f.id, f.rule, f.arrival, f.identity, f.unit, f.event, f.about, f.utility, f.opened_ms, f.due_ms, f.state, f.responsible, f.cause, f.outcome, f.first_reply_ms, f.closed_ms, f.escalated_ms, c.text, r.document
FROM follow_up f JOIN follow_up_rule r ON r.id = f.rule LEFT JOIN feedback_comment c ON c.arrival = f.arrival
WHERE f.id = ?1
