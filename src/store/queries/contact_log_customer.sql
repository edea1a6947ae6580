SELECT id, at_ms, customer, survey, channel, trigger, reason, send_ms, reminder,
	(SELECT min(n.at_ms) FROM contact_declined n WHERE n.decision = contact_decision.id)
FROM contact_decision
WHERE customer = ?5 AND (?1 = '' OR survey = ?1) AND (?2 < 0 OR reason = ?2) AND id < ?3 ORDER BY id DESC LIMIT ?4;
