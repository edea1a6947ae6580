SELECT a, b, arrival FROM identity_edge WHERE arrival >= ?1 ORDER BY arrival, a, b LIMIT ?2;
