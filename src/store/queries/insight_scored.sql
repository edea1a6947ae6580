-- Comments that have a score, newest first, at most ?1: arrival, customer, language read, kind and place of the score, what was said and read of it
SELECT f.arrival, f.identity, i.lang, kind.text, f.utility, k.feeling, i.judged, i.reader
FROM feedback f INDEXED BY feedback_at JOIN insight_comment i ON i.arrival = f.arrival JOIN feedback_word kind ON kind.id = f.score_kind
	LEFT JOIN insight_corrected k ON k.arrival = f.arrival
WHERE f.commented = 1 AND f.utility IS NOT NULL ORDER BY f.at_ms DESC, f.arrival DESC LIMIT ?1
