SELECT id, arrival, unit, event, about, utility AS score, opened_ms, due_ms, state, responsible, cause, outcome, first_reply_ms, closed_ms
FROM follow_up WHERE identity = ?1 ORDER BY id
