INSERT INTO source_count (source, received, stored, duplicate, set_aside, refused, last_received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (source) DO UPDATE SET received = received + excluded.received, stored = stored + excluded.stored,
	duplicate = duplicate + excluded.duplicate, set_aside = set_aside + excluded.set_aside, refused = refused + excluded.refused,
	last_received_ms = max(last_received_ms, excluded.last_received_ms);
