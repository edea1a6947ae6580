-- Who is thanked in comment ?1
SELECT p.arrival, p.colleague, k.name, p.words, p.unit, p.at_ms, p.held, '' FROM praise p JOIN colleague k ON k.id = p.colleague
WHERE p.arrival = ?1 ORDER BY p.colleague
