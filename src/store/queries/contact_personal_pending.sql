SELECT due_ms, survey, channels, about, journey, unit FROM contact_pending WHERE customer = ?1 ORDER BY id
