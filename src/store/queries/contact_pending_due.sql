SELECT p.id, p.survey, p.customer, p.channels, p.about, p.journey, p.unit, max(-p.arrival, 0), coalesce(r.lang, ''), coalesce(r.lang_all, 0)
FROM contact_pending p LEFT JOIN contact_round r ON r.id = -p.arrival WHERE p.due_ms <= ?1 ORDER BY p.due_ms, p.id LIMIT ?2;
