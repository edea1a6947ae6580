SELECT a, b, arrival, 0 AS apart FROM identity_edge WHERE (arrival, a, b) > (?1, ?2, ?3) AND arrival < ?4
UNION ALL
SELECT a, b, arrival, apart FROM identity_change WHERE (arrival, a, b) > (?1, ?2, ?3) AND arrival < ?4
ORDER BY 3, 1, 2 LIMIT ?5;
