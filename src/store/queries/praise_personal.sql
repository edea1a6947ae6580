SELECT p.arrival, k.name AS colleague, p.words, p.unit, p.at_ms FROM praise p JOIN colleague k ON k.id = p.colleague
WHERE p.arrival = ?1 ORDER BY p.colleague
