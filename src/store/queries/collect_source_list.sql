SELECT s.id, s.kind, s.name, s.enabled, s.created_ms, s.key_hint, coalesce(c.received, 0), coalesce(c.stored, 0),
	coalesce(c.duplicate, 0), coalesce(c.set_aside, 0), coalesce(c.refused, 0), coalesce(c.last_received_ms, 0),
	s.mask, s.hook_secret <> '', coalesce(c.erased, 0), s.hook_mapping, s.rules
FROM source s LEFT JOIN source_count c ON c.source = s.id ORDER BY s.id;
