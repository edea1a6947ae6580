SELECT r.id, r.document, r.enabled, r.from_arrival, r.created_ms, r.changed_ms, r.author,
	(SELECT count(*) FROM follow_up f WHERE f.rule = r.id)
FROM follow_up_rule r WHERE r.deleted = 0 ORDER BY r.id
