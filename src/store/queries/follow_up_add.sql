-- nothing is put there when this feedback has one already
INSERT INTO follow_up (rule, arrival, identity, unit, event, about, utility, opened_ms, due_ms, state, responsible)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10 WHERE NOT EXISTS (SELECT 1 FROM follow_up WHERE arrival = ?2)
