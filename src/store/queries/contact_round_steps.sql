-- what became of the invitations of a round: in the outbox, sent, delivered, opened, started, completed, failed, declined
SELECT coalesce(sum(i.sent_ms IS NULL AND i.failed_ms IS NULL AND i.opened_ms IS NULL AND r.id IS NULL), 0),
	coalesce(sum(i.sent_ms IS NOT NULL OR i.opened_ms IS NOT NULL OR r.id IS NOT NULL), 0),
	coalesce(sum(i.delivered_ms IS NOT NULL OR i.opened_ms IS NOT NULL OR r.id IS NOT NULL), 0),
	coalesce(sum(i.opened_ms IS NOT NULL OR r.id IS NOT NULL), 0), coalesce(sum(r.id IS NOT NULL), 0), coalesce(sum(r.completed_ms IS NOT NULL), 0),
	coalesce(sum(i.failed_ms IS NOT NULL), 0), coalesce(sum(n.token IS NOT NULL), 0)
FROM contact_decision d JOIN contact_invitation i ON i.decision = d.id LEFT JOIN response r ON r.token = i.token
LEFT JOIN contact_declined n ON n.token = i.token WHERE d.round = ?1 AND d.round > 0 AND i.failure <> 'stopped' AND i.customer <> '';
