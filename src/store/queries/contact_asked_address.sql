SELECT max(at_ms), max(CASE WHEN survey = ?2 THEN at_ms END), coalesce(sum(at_ms > ?3), 0) FROM contact_decision
WHERE address = ?1 AND address <> '' AND reason = 0 AND reminder = 0;
