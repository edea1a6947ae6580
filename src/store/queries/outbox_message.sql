SELECT id, channel, medium, address, name, subject, text, html, lang, purpose, ref, unsubscribe, state, tries, created_ms, next_ms,
	changed_ms, provider, reason FROM outbox_message WHERE id = ?1;
