SELECT at_ms, customer, address, survey, channel, reason, legal, held, lang, country, unit, reminder FROM contact_decision
WHERE at_ms > ?1 ORDER BY at_ms, id;
