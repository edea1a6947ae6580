SELECT state FROM contact_consent WHERE address = ?1 AND channel = ?2 ORDER BY id DESC LIMIT 1;
