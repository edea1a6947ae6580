-- Comments in [?1, ?2) by arrival, at most ?3
SELECT c.arrival, f.at_ms, c.text, w.text FROM feedback_comment c JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
WHERE c.arrival >= ?1 AND c.arrival < ?2 ORDER BY c.arrival LIMIT ?3
