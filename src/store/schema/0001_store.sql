-- The event log, what it interns, what is kept apart, the sums, and what imports declare.
-- Times are milliseconds since 1970 UTC. Migrations are numbered and forward only.

CREATE TABLE meta (
	key   TEXT PRIMARY KEY, -- 'id_key' secret of the keyed id hash; 'directory' random name of this data directory
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
	id         INTEGER PRIMARY KEY, -- dense from 1
	kind       INTEGER NOT NULL,    -- enum collect_source_kind
	name       TEXT NOT NULL UNIQUE,
	enabled    INTEGER NOT NULL,    -- 0 or 1
	created_ms INTEGER NOT NULL,
	key_hash   BLOB UNIQUE,         -- SHA-256 of the write key; NULL: it has none
	key_hint   TEXT NOT NULL        -- last four characters of the key, '' without one
) STRICT;

-- received = stored + duplicate + set_aside + refused, at every commit.
CREATE TABLE source_count (
	source           INTEGER PRIMARY KEY, -- source.id
	received         INTEGER NOT NULL,    -- events that ever arrived
	stored           INTEGER NOT NULL,    -- of them in the log
	duplicate        INTEGER NOT NULL,    -- of them known already
	set_aside        INTEGER NOT NULL,    -- of them rows of set_aside
	refused          INTEGER NOT NULL,    -- of them answered with an error and not kept
	last_received_ms INTEGER NOT NULL
) STRICT;

-- The log. Format of head and body: README.md.
CREATE TABLE event_block (
	first_arrival INTEGER PRIMARY KEY, -- lowest arrival number that belongs here
	arrival_end   INTEGER NOT NULL,    -- one past the highest number given out here, holes included
	n             INTEGER NOT NULL,    -- events in it
	checksum      INTEGER NOT NULL,    -- XXH3-64 of head, seeded with first_arrival, arrival_end and n; head holds that of body
	head          BLOB NOT NULL,
	body          BLOB NOT NULL
) STRICT;

CREATE TABLE kind (
	id      INTEGER PRIMARY KEY, -- dense from 1
	type    INTEGER NOT NULL,    -- enum wire_type
	name    TEXT NOT NULL,
	channel TEXT NOT NULL,       -- '' unknown
	source  INTEGER NOT NULL     -- source.id that said it first; its limit counts it
) STRICT;

CREATE TABLE identity (
	id        INTEGER PRIMARY KEY, -- dense from 1
	anonymous INTEGER NOT NULL,    -- 1: an id that a device made up
	external  TEXT NOT NULL
) STRICT;

CREATE TABLE identity_edge (
	arrival INTEGER NOT NULL, -- event that told us
	a       INTEGER NOT NULL, -- identity.id
	b       INTEGER NOT NULL, -- identity.id of the same person
	PRIMARY KEY (arrival, a, b)
) STRICT, WITHOUT ROWID;

CREATE TABLE set_aside (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	source      INTEGER NOT NULL, -- source.id
	received_ms INTEGER NOT NULL,
	reason      TEXT NOT NULL,    -- stable id, such as 'id.conflict', 'time.range'
	field       TEXT NOT NULL,    -- member or column at fault, '' the whole
	text        TEXT NOT NULL,    -- in words
	raw         TEXT NOT NULL,    -- what came
	fingerprint BLOB NOT NULL     -- 16 bytes: keyed hash of source, reason, raw and how many equal ones came before
) STRICT;
CREATE UNIQUE INDEX set_aside_fingerprint ON set_aside (source, fingerprint);
CREATE INDEX set_aside_source ON set_aside (source, id);

CREATE TABLE name_text (
	event TEXT NOT NULL, -- kind.name
	lang  TEXT NOT NULL, -- 'en', 'ar', 'fa', ...
	text  TEXT NOT NULL, -- name of the event type in that language
	PRIMARY KEY (event, lang)
) STRICT, WITHOUT ROWID;

CREATE TABLE step_hint (
	event TEXT PRIMARY KEY, -- kind.name
	stage TEXT NOT NULL,    -- stage key, '' unsaid
	place INTEGER NOT NULL  -- from 0, as the newest mapping lists it
) STRICT, WITHOUT ROWID;

CREATE TABLE dimension (
	property    TEXT PRIMARY KEY, -- event property that gets a column
	declared_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
