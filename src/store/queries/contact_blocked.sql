SELECT id, channel, address, state, source, at_ms FROM contact_consent c WHERE state >= 2 AND (?1 = '' OR address = ?1) AND id < ?2
	AND NOT EXISTS (SELECT 1 FROM contact_consent n WHERE n.address = c.address AND n.channel = c.channel AND n.id > c.id)
ORDER BY id DESC LIMIT ?3;
