-- when somebody of ids ?1 and addresses ?2 (JSON lists) was asked last, was asked survey ?3, and how often since ?4
SELECT max(at_ms), max(CASE WHEN survey = ?3 THEN at_ms END), coalesce(sum(at_ms > ?4), 0) FROM contact_decision WHERE id IN (
	SELECT id FROM contact_decision WHERE customer IN (SELECT value FROM json_each(?1)) AND reason = 0 AND reminder = 0
	UNION SELECT id FROM contact_decision WHERE address IN (SELECT value FROM json_each(?2)) AND address <> '' AND reason = 0 AND reminder = 0);
