-- People who left: receipts that name nobody, and what is still to be done. Times are milliseconds since 1970 UTC.

CREATE TABLE erasure (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	asked_ms INTEGER NOT NULL,
	done_ms  INTEGER,          -- NULL: not yet
	state    INTEGER NOT NULL, -- 0 erasing, 1 sweeping files, 2 done
	author   TEXT NOT NULL,    -- login of who asked for it
	reason   TEXT NOT NULL     -- in words, '' none
) STRICT;

CREATE TABLE erasure_count (
	erasure INTEGER NOT NULL,
	kind    TEXT NOT NULL,    -- 'events', 'answers', ...
	n       INTEGER NOT NULL, -- rows that went
	PRIMARY KEY (erasure, kind)
) STRICT, WITHOUT ROWID;

-- Whose it is, while it is under way; gone before the files are swept.
CREATE TABLE erasure_id (
	erasure   INTEGER NOT NULL,
	identity  INTEGER NOT NULL, -- identity.id
	anonymous INTEGER NOT NULL,
	external  TEXT NOT NULL,
	PRIMARY KEY (erasure, identity)
) STRICT, WITHOUT ROWID;
CREATE TABLE erasure_word (
	erasure INTEGER NOT NULL,
	word    TEXT NOT NULL, -- an id or an address, by which files may name them
	PRIMARY KEY (erasure, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure_ledger (
	hash  BLOB PRIMARY KEY, -- of an external id, under the secret of this directory
	at_ms INTEGER NOT NULL  -- when it was erased last; what happened before is refused
) STRICT, WITHOUT ROWID;

ALTER TABLE source_count ADD COLUMN erased INTEGER NOT NULL DEFAULT 0; -- were stored or set aside, and went with a person
-- received = stored + duplicate + set_aside + refused + erased, at every commit.

CREATE INDEX response_customer ON response (customer) WHERE customer <> '';
CREATE INDEX survey_token_customer ON survey_token (customer);
