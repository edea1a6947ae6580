-- What was said last first. ?1 login of a colleague, who is sure to be meant, NULL any; ?2 colleague, 0 any; ?3 unit and those below, '' all; (?4, ?5, ?6) the last one of the page before
SELECT p.arrival, p.colleague, k.name, p.words, p.unit, p.at_ms, p.held, coalesce(m.text, '')
FROM praise p JOIN colleague k ON k.id = p.colleague LEFT JOIN feedback_comment m ON m.arrival = p.arrival
WHERE (?1 IS NULL OR (k.login = ?1 COLLATE NOCASE AND p.held = 0)) AND (?2 = 0 OR p.colleague = ?2)
	AND (?3 = '' OR p.unit = ?3 OR (p.unit > ?3 || '/' AND p.unit < ?3 || '0'))
	AND (p.at_ms, p.arrival, p.colleague) < (?4, ?5, ?6)
ORDER BY p.at_ms DESC, p.arrival DESC, p.colleague DESC LIMIT ?7
