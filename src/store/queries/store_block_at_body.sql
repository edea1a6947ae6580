SELECT first_arrival, arrival_end, n, checksum, head, body FROM event_block WHERE first_arrival <= ?1 ORDER BY first_arrival DESC LIMIT 1;
