-- The numbers of the words of a scope: of events ?1 (JSON), source ?2, channel ?3, unit ?4 and those below it, language ?5, and of no language
SELECT 0, w.id FROM json_each(?1) j JOIN feedback_word w ON w.text = j.value
UNION ALL SELECT 1, id FROM source WHERE name = ?2
UNION ALL SELECT 2, id FROM feedback_word WHERE text = ?3
UNION ALL SELECT 3, id FROM feedback_word WHERE text = ?4 OR (text > ?4 || '/' AND text < ?4 || '0')
UNION ALL SELECT 4, id FROM feedback_word WHERE text = ?5
UNION ALL SELECT 5, id FROM feedback_word WHERE text = ''
