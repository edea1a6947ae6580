-- What lists of feedback are filtered by, row by row, of unit ?1 and those below it (NULL: all): numbers of feedback_word, and of the source
SELECT event, about, channel, unit, lang, source FROM feedback INDEXED BY feedback_at
WHERE ?1 IS NULL OR unit IN (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0'))
