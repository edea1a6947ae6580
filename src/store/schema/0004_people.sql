-- Segments: rules over customers in immutable versions. Times are milliseconds since 1970 UTC.

CREATE TABLE segment (
	id         INTEGER PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE, -- part of its address; other rules name it so
	created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE segment_version (
	segment  INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
	version  INTEGER NOT NULL, -- from 1, without holes
	saved_ms INTEGER NOT NULL,
	author   TEXT NOT NULL,    -- name of who saved it
	name     TEXT NOT NULL,    -- JSON object: its name by language
	rule     TEXT NOT NULL,    -- in words, canonical; docs/segments.md
	PRIMARY KEY (segment, version)
) STRICT, WITHOUT ROWID;
