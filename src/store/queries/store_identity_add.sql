INSERT INTO identity (id, anonymous, external) VALUES (?1, ?2, ?3);
