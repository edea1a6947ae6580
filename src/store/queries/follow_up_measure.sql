-- One row for each follow-up opened in [?1, ?2) of unit ?3 and those below: what the summary is counted from
SELECT f.state, f.opened_ms, f.due_ms, f.closed_ms, f.first_reply_ms, f.identity, f.utility, f.outcome, f.cause,
	(SELECT b.utility FROM feedback b WHERE b.identity = f.identity AND b.at_ms > COALESCE(f.closed_ms, f.opened_ms)
	 AND b.utility IS NOT NULL ORDER BY b.at_ms, b.arrival LIMIT 1),
	(SELECT b.at_ms FROM feedback b WHERE b.identity = f.identity AND b.at_ms > COALESCE(f.closed_ms, f.opened_ms)
	 AND b.utility IS NOT NULL ORDER BY b.at_ms, b.arrival LIMIT 1)
FROM follow_up f
WHERE f.opened_ms >= ?1 AND f.opened_ms < ?2 AND (?3 = '' OR f.unit = ?3 OR (f.unit > ?3 || '/' AND f.unit < ?3 || '0'))
ORDER BY f.id
