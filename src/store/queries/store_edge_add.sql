INSERT INTO identity_edge (arrival, a, b) VALUES (?1, ?2, ?3);
