-- what other rules would have said; who was taken back before anything left (16) was never asked
SELECT at_ms, customer, address, survey, channel, reason, legal, held, lang, country, unit, reminder FROM contact_decision
WHERE at_ms > ?1 AND reason <> 16 ORDER BY at_ms, id;
