SELECT id, survey, customer, channels, about, journey, unit FROM contact_pending WHERE due_ms <= ?1 ORDER BY due_ms, id LIMIT ?2;
