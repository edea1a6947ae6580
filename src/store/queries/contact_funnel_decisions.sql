SELECT channel, count(*), sum(reason IN (0, ?3, ?4)), sum(reason = 0) FROM contact_decision
WHERE survey = ?1 AND at_ms >= ?2 AND reminder = 0 GROUP BY channel ORDER BY channel;
