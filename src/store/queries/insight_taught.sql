-- The newest feelings that were told, at most ?1: why looked at, how it was read, what was told
SELECT chosen, judged, feeling FROM insight_correction WHERE feeling IS NOT NULL AND was_feeling IS NULL ORDER BY id DESC LIMIT ?1
