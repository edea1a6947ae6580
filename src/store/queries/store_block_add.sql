INSERT INTO event_block (first_arrival, arrival_end, n, checksum, head, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
