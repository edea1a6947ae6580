SELECT name, toml, author, changed_ms FROM import_mapping ORDER BY name;
