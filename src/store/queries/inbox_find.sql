-- Newest first, behind (?1 at_ms, ?2 arrival); ?3.. the filters, NULL: any
SELECT f.at_ms, f.arrival FROM feedback f INDEXED BY feedback_at
WHERE (f.at_ms, f.arrival) < (?1, ?2) AND f.at_ms >= ?3 AND f.at_ms < ?4
	AND (?5 IS NULL OR f.utility >= ?5) AND (?6 IS NULL OR f.utility <= ?6)
	AND (?7 IS NULL OR f.event IN (SELECT w.id FROM json_each(?7) j JOIN feedback_word w ON w.text = j.value)
	     OR f.about IN (SELECT w.id FROM json_each(?7) j JOIN feedback_word w ON w.text = j.value))
	AND (?8 IS NULL OR f.source = (SELECT id FROM source WHERE name = ?8))
	AND (?9 IS NULL OR f.channel = (SELECT id FROM feedback_word WHERE text = ?9))
	AND (?10 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?10 OR (text > ?10 || '/' AND text < ?10 || '0')))
	AND (?11 IS NULL OR f.lang = (SELECT id FROM feedback_word WHERE text = ?11))
	AND (?12 IS NULL OR (1 << f.state) & ?12)
	AND (?13 IS NULL OR f.assigned IS NULLIF(?13, ''))
	AND (?14 IS NULL OR EXISTS (SELECT 1 FROM feedback_tag t WHERE t.arrival = f.arrival AND t.tag = ?14))
	AND (?15 IS NULL OR f.commented = ?15)
ORDER BY f.at_ms DESC, f.arrival DESC
