-- Comments that other models than ?1 read, at most ?2; columns as of insight_fresh
SELECT c.arrival, f.at_ms, c.text, w.text, k.arrival IS NOT NULL, k.feeling, k.added, k.dropped,
	f.identity, f.source, f.event, f.about, f.channel, f.unit, f.lang, f.utility
FROM insight_comment i JOIN feedback_comment c ON c.arrival = i.arrival
	JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
	LEFT JOIN insight_corrected k ON k.arrival = c.arrival
WHERE i.reader < ?1 ORDER BY i.reader, i.arrival LIMIT ?2
