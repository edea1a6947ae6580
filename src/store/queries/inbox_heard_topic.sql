-- How many of the comments ?1 (arrivals) say which topic, with one of the feelings ?2 (bits, NULL: any); the most frequent first
SELECT s.topic, count(*) AS n FROM json_each(?1) c JOIN insight_said s ON s.arrival = c.value
WHERE (?2 IS NULL OR (CASE WHEN s.sentiment IS NULL THEN 8 WHEN s.sentiment < -1.0 / 3 THEN 1 WHEN s.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) & ?2)
GROUP BY s.topic ORDER BY n DESC, s.topic
