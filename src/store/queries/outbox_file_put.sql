INSERT INTO outbox_file (message, place, name, type, bytes) VALUES (?1, ?2, ?3, ?4, ?5);
