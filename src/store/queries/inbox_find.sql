-- Newest first, behind (?1 at_ms, ?2 arrival); ?3.. the filters, NULL: any. ?17 topics, ?18 policies, ?19 feelings (1 negative,
-- 2 neutral, 4 positive, 8 not told; of the part that speaks of the topic where one is asked for), ?20 arrivals
SELECT f.at_ms, f.arrival FROM feedback f INDEXED BY feedback_at
WHERE (f.at_ms, f.arrival) < (?1, ?2) AND f.at_ms >= ?3 AND f.at_ms < ?4
	AND (?5 IS NULL OR f.utility >= ?5) AND (?6 IS NULL OR f.utility <= ?6)
	AND (?7 IS NULL OR f.event IN (SELECT w.id FROM json_each(?7) j JOIN feedback_word w ON w.text = j.value)
	     OR f.about IN (SELECT w.id FROM json_each(?7) j JOIN feedback_word w ON w.text = j.value))
	AND (?8 IS NULL OR f.source = (SELECT id FROM source WHERE name = ?8))
	AND (?9 IS NULL OR f.channel = (SELECT id FROM feedback_word WHERE text = ?9))
	AND (?10 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?10 OR (text > ?10 || '/' AND text < ?10 || '0')))
	AND (?11 IS NULL OR f.lang = (SELECT id FROM feedback_word WHERE text = ?11)
	     OR (f.lang = (SELECT id FROM feedback_word WHERE text = '') AND EXISTS (SELECT 1 FROM insight_comment l WHERE l.arrival = f.arrival AND l.lang = ?11)))
	AND (?12 IS NULL OR (1 << f.state) & ?12)
	AND (?13 IS NULL OR f.assigned IS NULLIF(?13, ''))
	AND (?14 IS NULL OR EXISTS (SELECT 1 FROM feedback_tag t WHERE t.arrival = f.arrival AND t.tag = ?14))
	AND (?15 IS NULL OR f.commented = ?15)
	AND (?17 IS NULL OR EXISTS (SELECT 1 FROM insight_said s WHERE s.arrival = f.arrival AND s.topic IN (SELECT value FROM json_each(?17))
	     AND (?19 IS NULL OR (CASE WHEN s.sentiment IS NULL THEN 8 WHEN s.sentiment < -1.0 / 3 THEN 1 WHEN s.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) & ?19)))
	AND (?18 IS NULL OR EXISTS (SELECT 1 FROM insight_said s WHERE s.arrival = f.arrival AND s.topic IN (SELECT value FROM json_each(?18))
	     AND (?19 IS NULL OR (CASE WHEN s.sentiment IS NULL THEN 8 WHEN s.sentiment < -1.0 / 3 THEN 1 WHEN s.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) & ?19)))
	AND (?19 IS NULL OR ?17 IS NOT NULL OR ?18 IS NOT NULL
	     OR EXISTS (SELECT 1 FROM insight_comment i WHERE i.arrival = f.arrival AND (CASE WHEN i.sentiment IS NULL THEN 8 WHEN i.sentiment < -1.0 / 3 THEN 1 WHEN i.sentiment > 1.0 / 3 THEN 4 ELSE 2 END) & ?19))
	AND (?20 IS NULL OR f.arrival IN (SELECT value FROM json_each(?20)))
ORDER BY f.at_ms DESC, f.arrival DESC
