INSERT INTO contact_consent (channel, address, state, source, at_ms) VALUES (?1, ?2, ?3, ?4, ?5);
