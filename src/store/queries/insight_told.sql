-- Comments whose feeling somebody told and that have no score, newest first, at most ?1; columns as of insight_scored, then why they were looked at
SELECT f.arrival, f.identity, i.lang, '', NULL, k.feeling, i.judged, i.reader, k.chosen
FROM insight_corrected k JOIN feedback f ON f.arrival = k.arrival JOIN insight_comment i ON i.arrival = k.arrival
WHERE k.feeling IS NOT NULL AND f.utility IS NULL ORDER BY k.step DESC LIMIT ?1
