-- Maps: documents in immutable versions. Times are milliseconds since 1970 UTC.

CREATE TABLE map (
	id         INTEGER PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE, -- as in the document; part of its address
	created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE map_version (
	map         INTEGER NOT NULL REFERENCES map (id) ON DELETE CASCADE,
	version     INTEGER NOT NULL, -- from 1, without holes
	saved_ms    INTEGER NOT NULL,
	author      TEXT NOT NULL,    -- name of who saved it, '' the program
	name        TEXT NOT NULL,    -- JSON object: the map's name by language, as in the document
	touchpoints INTEGER NOT NULL, -- how many the document has
	document    TEXT NOT NULL,    -- canonical JSON; docs/map-document.md
	PRIMARY KEY (map, version)
) STRICT, WITHOUT ROWID;
