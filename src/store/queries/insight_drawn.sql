-- The one at place ?3 of them by arrival
SELECT i.arrival, i.margin FROM insight_comment i JOIN feedback f ON f.arrival = i.arrival
WHERE i.margin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insight_corrected k WHERE k.arrival = i.arrival)
	AND (?1 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0')))
	AND (?2 IS NULL OR i.lang = ?2)
ORDER BY i.arrival LIMIT 1 OFFSET ?3
