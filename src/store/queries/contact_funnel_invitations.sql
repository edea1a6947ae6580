SELECT i.channel, count(*), sum(i.sent_ms IS NOT NULL OR i.opened_ms IS NOT NULL OR r.id IS NOT NULL),
	sum(i.delivered_ms IS NOT NULL OR i.opened_ms IS NOT NULL OR r.id IS NOT NULL), sum(i.opened_ms IS NOT NULL OR r.id IS NOT NULL),
	sum(r.id IS NOT NULL), sum(r.completed_ms IS NOT NULL), sum(i.failed_ms IS NOT NULL),
	(SELECT count(*) FROM contact_decision d WHERE d.survey = ?1 AND d.at_ms >= ?2 AND d.channel = i.channel AND d.reminder = 1 AND d.reason = 0 AND d.customer <> '')
FROM contact_invitation i LEFT JOIN response r ON r.token = i.token WHERE i.survey = ?1 AND i.asked_ms >= ?2 AND i.failure <> 'stopped' AND i.customer <> '' GROUP BY i.channel ORDER BY i.channel;
