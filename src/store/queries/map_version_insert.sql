INSERT INTO map_version (map, version, saved_ms, author, name, touchpoints, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
