SELECT id, unit, responsible, due_ms, arrival, rule FROM follow_up WHERE state < 3 AND due_ms < ?1 AND escalated_ms IS NULL ORDER BY due_ms LIMIT 100
