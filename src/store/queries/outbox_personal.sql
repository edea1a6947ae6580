SELECT id, channel, medium, address, name, subject, text, lang, purpose, state, created_ms, changed_ms, reason
FROM outbox_message WHERE customer = ?1 ORDER BY id
