-- how many said no to survey ?1 since ?2, by channel
SELECT channel, count(*) FROM contact_declined WHERE survey = ?1 AND at_ms >= ?2 GROUP BY channel ORDER BY channel;
