-- Values that a list can be filtered by, of unit ?1 and those below it (NULL: all): what, value, how many; the most frequent first
WITH inside AS (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0'))
SELECT 'event' AS what, w.text AS value, count(*) AS n FROM feedback f JOIN feedback_word w ON w.id = f.event WHERE (?1 IS NULL OR f.unit IN inside) GROUP BY f.event
UNION ALL SELECT 'about', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.about WHERE w.text <> '' AND (?1 IS NULL OR f.unit IN inside) GROUP BY f.about
UNION ALL SELECT 'channel', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.channel WHERE w.text <> '' AND (?1 IS NULL OR f.unit IN inside) GROUP BY f.channel
UNION ALL SELECT 'unit', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.unit WHERE w.text <> '' AND (?1 IS NULL OR f.unit IN inside) GROUP BY f.unit
UNION ALL SELECT 'lang', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.lang WHERE w.text <> '' AND (?1 IS NULL OR f.unit IN inside) GROUP BY f.lang
UNION ALL SELECT 'source', s.name, count(*) FROM feedback f JOIN source s ON s.id = f.source WHERE (?1 IS NULL OR f.unit IN inside) GROUP BY f.source
UNION ALL SELECT 'assigned', c.assigned, count(*) FROM feedback_care c WHERE c.assigned IS NOT NULL
	AND (?1 IS NULL OR EXISTS (SELECT 1 FROM feedback f WHERE f.arrival = c.arrival AND f.unit IN inside)) GROUP BY c.assigned
UNION ALL SELECT 'tag', t.tag, count(*) FROM feedback_tag t
	WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM feedback f WHERE f.arrival = t.arrival AND f.unit IN inside)) GROUP BY t.tag
ORDER BY what, n DESC, value
