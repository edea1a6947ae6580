-- A comment by its arrival
SELECT c.arrival, f.at_ms, c.text, w.text, f.identity, f.source, f.event, f.about, f.channel, f.unit, f.lang, f.utility
FROM feedback_comment c JOIN feedback f ON f.arrival = c.arrival JOIN feedback_word w ON w.id = f.lang
WHERE c.arrival = ?1
