-- Values that a list can be filtered by: what, value, how many; the most frequent first
SELECT 'event' AS what, w.text AS value, count(*) AS n FROM feedback f JOIN feedback_word w ON w.id = f.event GROUP BY f.event
UNION ALL SELECT 'about', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.about WHERE w.text <> '' GROUP BY f.about
UNION ALL SELECT 'channel', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.channel WHERE w.text <> '' GROUP BY f.channel
UNION ALL SELECT 'unit', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.unit WHERE w.text <> '' GROUP BY f.unit
UNION ALL SELECT 'lang', w.text, count(*) FROM feedback f JOIN feedback_word w ON w.id = f.lang WHERE w.text <> '' GROUP BY f.lang
UNION ALL SELECT 'source', s.name, count(*) FROM feedback f JOIN source s ON s.id = f.source GROUP BY f.source
UNION ALL SELECT 'assigned', assigned, count(*) FROM feedback_care WHERE assigned IS NOT NULL GROUP BY assigned
UNION ALL SELECT 'tag', tag, count(*) FROM feedback_tag GROUP BY tag
ORDER BY what, n DESC, value
