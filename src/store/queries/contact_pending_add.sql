INSERT INTO contact_pending (due_ms, survey, customer, channels, about, journey, unit, arrival) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;
