INSERT INTO segment_version (segment, version, saved_ms, author, name, rule) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
