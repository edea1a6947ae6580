-- The newest block that starts at or before ?1: it holds ?1 if any does.
SELECT first_arrival, arrival_end, n, checksum, head FROM event_block WHERE first_arrival <= ?1 ORDER BY first_arrival DESC LIMIT 1;
