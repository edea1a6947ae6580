INSERT INTO set_aside (source, received_ms, reason, field, text, raw, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (source, fingerprint) DO NOTHING;
