SELECT id, channel, medium, address, name, subject, '', '', lang, purpose, ref, '', state, tries, created_ms, next_ms, changed_ms, provider, reason
FROM outbox_message WHERE (?1 = '' OR channel = ?1) AND (?2 < 0 OR state = ?2) AND (?3 = 0 OR id < ?3) ORDER BY id DESC LIMIT ?4;
