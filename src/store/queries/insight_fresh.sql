-- Comments in [?1, ?2) by arrival, at most ?3, with what people said about how they are read
SELECT c.arrival, f.at_ms, c.text, w.text, k.arrival IS NOT NULL, k.feeling, k.added, k.dropped
FROM feedback_comment c JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
	LEFT JOIN insight_corrected k ON k.arrival = c.arrival
WHERE c.arrival >= ?1 AND c.arrival < ?2 ORDER BY c.arrival LIMIT ?3
