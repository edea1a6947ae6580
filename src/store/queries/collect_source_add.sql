INSERT INTO source (kind, name, enabled, created_ms, key_hash, key_hint) VALUES (?1, ?2, 1, ?3, ?4, ?5);
