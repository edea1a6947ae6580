SELECT a, b, arrival, 0 AS apart, 0 AS by_hand, 0 AS at_ms, '' AS author, '' AS reason
	FROM identity_edge WHERE a = ?1 AND arrival < ?2
UNION ALL
SELECT a, b, arrival, 0, 0, 0, '', '' FROM identity_edge WHERE b = ?1 AND arrival < ?2
UNION ALL
SELECT a, b, arrival, apart, 1, at_ms, author, reason FROM identity_change WHERE a = ?1 AND arrival < ?2
UNION ALL
SELECT a, b, arrival, apart, 1, at_ms, author, reason FROM identity_change WHERE b = ?1 AND arrival < ?2
ORDER BY 3, 1, 2;
