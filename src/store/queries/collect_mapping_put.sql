INSERT INTO import_mapping (name, toml, author, changed_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET toml = excluded.toml, author = excluded.author, changed_ms = excluded.changed_ms;
