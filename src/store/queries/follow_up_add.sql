INSERT INTO follow_up (rule, arrival, identity, unit, event, about, utility, opened_ms, due_ms, state, responsible)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10) ON CONFLICT (rule, arrival) DO NOTHING
