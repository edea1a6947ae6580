INSERT INTO contact_hold (customer, ref, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;
