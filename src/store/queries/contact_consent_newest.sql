SELECT state, at_ms, source = 'identify' FROM contact_consent WHERE address IN (?1, ?3) AND channel = ?2 ORDER BY id DESC LIMIT 1;
