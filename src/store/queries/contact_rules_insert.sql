INSERT INTO contact_rules (version, saved_ms, author, rules) VALUES (?1, ?2, ?3, ?4);
