-- Of each colleague in comments of [?1, ?2) of unit ?3 and those below, '' all; what is held counts for nobody
SELECT k.id, k.name, k.unit, k.login, count(p.arrival) FROM colleague k LEFT JOIN praise p ON p.colleague = k.id AND p.held = 0
	AND p.at_ms >= ?1 AND p.at_ms < ?2 AND (?3 = '' OR p.unit = ?3 OR (p.unit > ?3 || '/' AND p.unit < ?3 || '0'))
WHERE ?3 = '' OR k.unit = '' OR k.unit = ?3 OR (k.unit > ?3 || '/' AND k.unit < ?3 || '0')
GROUP BY k.id ORDER BY count(p.arrival) DESC, k.name, k.id
