-- The steps of a comment, newest first
SELECT id, at_ms, author, chosen, judged, was_feeling, was_added, was_dropped, feeling, added, dropped FROM insight_correction
WHERE arrival = ?1 ORDER BY id DESC LIMIT ?2
