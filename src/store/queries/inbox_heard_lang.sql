-- In which language how many of the comments ?1 (arrivals) are: that of the survey, else the one that was read
SELECT coalesce(nullif(w.text, ''), i.lang) AS value, count(*) AS n FROM json_each(?1) c JOIN feedback f ON f.arrival = c.value
	JOIN feedback_word w ON w.id = f.lang LEFT JOIN insight_comment i ON i.arrival = c.value
WHERE coalesce(nullif(w.text, ''), i.lang) IS NOT NULL
GROUP BY 1 ORDER BY n DESC, 1
