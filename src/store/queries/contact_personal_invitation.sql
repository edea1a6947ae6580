SELECT survey, channel, lang, about, asked_ms, sent_ms, delivered_ms, failed_ms, opened_ms, reminded_ms
FROM contact_invitation WHERE customer = ?1 ORDER BY id
