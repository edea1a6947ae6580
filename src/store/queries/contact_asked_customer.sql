SELECT max(at_ms), max(CASE WHEN survey = ?2 THEN at_ms END), coalesce(sum(at_ms > ?3), 0) FROM contact_decision
WHERE customer = ?1 AND reason = 0 AND reminder = 0;
