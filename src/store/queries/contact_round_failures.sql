SELECT i.failure, count(*) FROM contact_decision d JOIN contact_invitation i ON i.decision = d.id
WHERE d.round = ?1 AND d.round > 0 AND i.failed_ms IS NOT NULL AND i.failure <> 'stopped' AND i.customer <> '' GROUP BY i.failure ORDER BY count(*) DESC, i.failure LIMIT 20;
