-- Who may: people who sign in, their sessions and the organisation.

CREATE TABLE user (
	id INTEGER PRIMARY KEY,
	login TEXT NOT NULL UNIQUE,                -- lower case ASCII
	name TEXT NOT NULL,                        -- as the person writes it
	role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 4), -- 1 viewer, 2 agent, 3 analyst, 4 administrator
	unit INTEGER,                              -- the part of the organisation that the role is limited to; NULL: all of it
	password TEXT NOT NULL,                    -- argon2id, encoded form
	settings TEXT NOT NULL DEFAULT '{}',       -- JSON object: lang, digits, calendar, theme; absent ones have their default
	created_ms INTEGER NOT NULL,               -- instant, ms since 1970 UTC
	last_ms INTEGER,                           -- newest signing in; NULL: never
	disabled INTEGER NOT NULL DEFAULT 0        -- 1: may not sign in
) STRICT;

CREATE TABLE session (
	token_hash BLOB PRIMARY KEY,               -- SHA-256 of the cookie's token
	user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	created_ms INTEGER NOT NULL,
	last_ms INTEGER NOT NULL                   -- newest request, to five minutes
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);

CREATE TABLE organisation (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	name TEXT NOT NULL,
	sector TEXT NOT NULL,                      -- key of a sector, '' not chosen
	languages TEXT NOT NULL,                   -- JSON array of codes, the first is the organisation's own
	customer_word TEXT NOT NULL,               -- JSON object: what customers are called, by language
	zone TEXT NOT NULL,                        -- IANA name
	configured INTEGER NOT NULL                -- 1 after the three first questions
) STRICT;
INSERT INTO organisation VALUES (1, '', '', '["en"]', '{}', 'UTC', 0);
