SELECT count(*) FROM (SELECT 1 FROM contact_decision WHERE survey = ?1 AND at_ms > ?2 AND reason = 0 AND reminder = 0 AND lang = ?4 LIMIT ?3);
