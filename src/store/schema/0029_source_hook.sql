ALTER TABLE source ADD COLUMN hook_mapping TEXT NOT NULL DEFAULT ''; -- TOML of docs/protocols.md: which member of a webhook's body means what; '' none
