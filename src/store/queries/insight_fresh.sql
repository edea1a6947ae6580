-- Comments in [?1, ?2) by arrival, at most ?3, with what people said about how they are read; then where it came from and its score on 0..100
SELECT c.arrival, f.at_ms, c.text, w.text, k.arrival IS NOT NULL, k.feeling, k.added, k.dropped,
	f.identity, f.source, f.event, f.about, f.channel, f.unit, f.lang, f.utility
FROM feedback_comment c JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
	LEFT JOIN insight_corrected k ON k.arrival = c.arrival
WHERE c.arrival >= ?1 AND c.arrival < ?2 ORDER BY c.arrival LIMIT ?3
