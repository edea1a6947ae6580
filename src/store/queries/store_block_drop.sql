DELETE FROM event_block WHERE first_arrival >= ?1 AND first_arrival < ?2;
