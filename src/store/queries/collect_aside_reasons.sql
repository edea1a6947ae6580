-- How many of a source wait for each reason, and when the newest came.
SELECT reason, count(*), max(received_ms) FROM set_aside WHERE source = ?1 GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 100;
