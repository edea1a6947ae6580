SELECT count(*) FROM follow_up WHERE arrival = ?1 AND state < 3
