-- Comments that the program is least sure of and nobody looked at, of unit ?1 and below (NULL: any), of language ?2 (NULL: any), at most ?3
SELECT i.arrival, i.margin FROM insight_comment i INDEXED BY insight_comment_margin JOIN feedback f ON f.arrival = i.arrival
WHERE i.margin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insight_corrected k WHERE k.arrival = i.arrival)
	AND (?1 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0')))
	AND (?2 IS NULL OR i.lang = ?2)
ORDER BY i.margin, i.arrival LIMIT ?3
