SELECT at_ms, survey, address, channel, trigger, reason, send_ms, reminder, lang, country, unit FROM contact_decision WHERE customer = ?1 ORDER BY id
