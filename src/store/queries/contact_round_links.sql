-- who was asked in round ?1 and holds an invitation
SELECT i.customer, i.link, i.lang FROM contact_decision d JOIN contact_invitation i ON i.decision = d.id
WHERE d.round = ?1 AND d.round > 0 AND i.failed_ms IS NULL AND i.customer <> '' ORDER BY i.id LIMIT ?2;
