INSERT INTO identity_change (arrival, a, b, apart, at_ms, author, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
