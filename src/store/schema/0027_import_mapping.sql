-- Mappings of tables to events (docs/mapping.md) that people keep to use again. Times are milliseconds since 1970 UTC.

CREATE TABLE import_mapping (
	name       TEXT PRIMARY KEY, -- as people call it
	toml       TEXT NOT NULL,
	author     TEXT NOT NULL,    -- login
	changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
