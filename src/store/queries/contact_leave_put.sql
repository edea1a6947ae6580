INSERT INTO contact_leave (token, channel, address) VALUES (?1, ?2, ?3);
