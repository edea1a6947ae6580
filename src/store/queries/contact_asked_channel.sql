SELECT count(*) FROM (SELECT 1 FROM contact_decision WHERE channel = ?1 AND at_ms > ?2 AND reason = 0 LIMIT ?3);
