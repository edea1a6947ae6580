INSERT INTO contact_invitation (decision, token, survey, customer, channel, link, lang, about, asked_ms, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '');
