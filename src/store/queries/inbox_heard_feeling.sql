-- How many of the comments ?1 (arrivals) feel how: the parts on one of the topics ?2 and one of the policies ?3, where they are
-- given, else the whole; the most frequent first
WITH v (name, bit) AS (VALUES ('negative', 1), ('neutral', 2), ('positive', 4), ('none', 8))
SELECT v.name, count(*) AS n FROM json_each(?1) c JOIN v
WHERE (?2 IS NULL OR EXISTS (SELECT 1 FROM insight_said s WHERE s.arrival = c.value AND s.topic IN (SELECT value FROM json_each(?2))
		AND (CASE WHEN s.sentiment IS NULL THEN 8 WHEN s.sentiment < -1.0 / 3 THEN 1 WHEN s.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) = v.bit))
	AND (?3 IS NULL OR EXISTS (SELECT 1 FROM insight_said s WHERE s.arrival = c.value AND s.topic IN (SELECT value FROM json_each(?3))
		AND (CASE WHEN s.sentiment IS NULL THEN 8 WHEN s.sentiment < -1.0 / 3 THEN 1 WHEN s.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) = v.bit))
	AND (?2 IS NOT NULL OR ?3 IS NOT NULL OR EXISTS (SELECT 1 FROM insight_comment i WHERE i.arrival = c.value
		AND (CASE WHEN i.sentiment IS NULL THEN 8 WHEN i.sentiment < -1.0 / 3 THEN 1 WHEN i.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) = v.bit))
GROUP BY v.name ORDER BY n DESC, v.name
