SELECT id, channel, address, state, source, at_ms FROM contact_consent WHERE (?1 = '' OR address = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3;
