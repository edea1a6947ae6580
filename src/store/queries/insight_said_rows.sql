-- What was said in [?1, ?2) of each topic: topic, customer, sentiment of the parts, score on 0..100, when
SELECT s.topic, f.identity, s.sentiment, f.utility, s.at_ms FROM insight_said s JOIN feedback f ON f.arrival = s.arrival
WHERE s.at_ms >= ?1 AND s.at_ms < ?2
	AND (?3 IS NULL OR f.event IN (SELECT w.id FROM json_each(?3) j JOIN feedback_word w ON w.text = j.value)
	     OR f.about IN (SELECT w.id FROM json_each(?3) j JOIN feedback_word w ON w.text = j.value))
	AND (?4 IS NULL OR f.source = (SELECT id FROM source WHERE name = ?4))
	AND (?5 IS NULL OR f.channel = (SELECT id FROM feedback_word WHERE text = ?5))
	AND (?6 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?6 OR (text > ?6 || '/' AND text < ?6 || '0')))
	AND (?7 IS NULL OR f.lang = (SELECT id FROM feedback_word WHERE text = ?7)
	     OR (f.lang = (SELECT id FROM feedback_word WHERE text = '') AND EXISTS (SELECT 1 FROM insight_comment l WHERE l.arrival = f.arrival AND l.lang = ?7)))
	AND (?10 IS NULL OR f.arrival IN (SELECT value FROM json_each(?10)))
ORDER BY s.topic
