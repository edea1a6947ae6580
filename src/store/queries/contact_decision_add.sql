INSERT INTO contact_decision (at_ms, customer, address, survey, channel, trigger, reason, send_ms, reminder, legal, held, lang, country, unit, draw, round)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);
