INSERT INTO outbox_message (channel, medium, address, name, subject, text, html, lang, purpose, ref, customer, key, unsubscribe,
	state, tries, created_ms, next_ms, changed_ms, provider, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0, ?14, ?15, ?14, '', '')
ON CONFLICT (key) DO NOTHING;
