-- Of unit ?1 and those below it; NULL: all
SELECT count(*), COALESCE(sum(state = 0), 0), COALESCE(sum(state = 1), 0), COALESCE(sum(commented), 0) FROM feedback f
WHERE ?1 IS NULL OR f.unit IN (SELECT id FROM feedback_word WHERE text = ?1 OR (text > ?1 || '/' AND text < ?1 || '0'))
