-- Comments that were read by an older set of topics than ?1, at most ?2
SELECT c.arrival, f.at_ms, c.text, w.text FROM insight_comment i JOIN feedback_comment c ON c.arrival = i.arrival
	JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
WHERE i.version < ?1 ORDER BY i.version, i.arrival LIMIT ?2
