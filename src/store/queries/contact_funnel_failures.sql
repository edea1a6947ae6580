SELECT failure, count(*) FROM contact_invitation WHERE survey = ?1 AND asked_ms >= ?2 AND failed_ms IS NOT NULL AND failure <> 'stopped' AND customer <> ''
GROUP BY failure ORDER BY count(*) DESC, failure LIMIT 10;
