-- The values of what was counted, ?2 [[kind, number, how many] ...], and of what people keep beside it of unit ?1 and those below it
-- (NULL: all): what, value, how many; the most frequent first
WITH inside AS (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0')),
	counted AS (SELECT value ->> 0 AS kind, value ->> 1 AS id, value ->> 2 AS n FROM json_each(?2)),
	kinds (kind, what) AS (VALUES (0, 'event'), (1, 'about'), (2, 'channel'), (3, 'unit'), (4, 'lang'))
SELECT k.what AS what, w.text AS value, c.n AS n FROM counted c JOIN kinds k ON k.kind = c.kind JOIN feedback_word w ON w.id = c.id
	WHERE w.text <> '' OR c.kind = 0
UNION ALL SELECT 'source', s.name, c.n FROM counted c JOIN source s ON s.id = c.id WHERE c.kind = 5
UNION ALL SELECT 'assigned', c.assigned, count(*) FROM feedback_care c WHERE c.assigned IS NOT NULL
	AND (?1 IS NULL OR EXISTS (SELECT 1 FROM feedback f WHERE f.arrival = c.arrival AND f.unit IN inside)) GROUP BY c.assigned
UNION ALL SELECT 'tag', t.tag, count(*) FROM feedback_tag t
	WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM feedback f WHERE f.arrival = t.arrival AND f.unit IN inside)) GROUP BY t.tag
ORDER BY what, n DESC, value
