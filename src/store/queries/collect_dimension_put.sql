INSERT INTO dimension (property, declared_ms) VALUES (?1, ?2) ON CONFLICT (property) DO NOTHING;
