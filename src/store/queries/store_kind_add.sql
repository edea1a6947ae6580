INSERT INTO kind (id, type, name, channel, source) VALUES (?1, ?2, ?3, ?4, ?5);
