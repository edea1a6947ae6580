-- Follow-ups: one customer's problem being looked after, the rules that open them, and how units work. Times are milliseconds
-- since 1970 UTC.

-- What a unit says of itself; NULL: as the unit above it. docs/follow-ups.md has the order.
CREATE TABLE unit_setting (
	unit        TEXT PRIMARY KEY, -- path, '' the whole organisation
	country     TEXT,             -- ISO 3166-1 alpha-2: week and holidays
	zone        TEXT,             -- IANA
	hours       TEXT,             -- JSON {"days":[[from,to] or null, seven from Monday, minutes],"holidays":bool}
	responsible TEXT,             -- login
	mail        TEXT,             -- where messages to the responsible go
	lang        TEXT,             -- of those messages: 'en', 'ar', 'fa'
	changed_ms  INTEGER NOT NULL,
	author      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE follow_up_rule (
	id           INTEGER PRIMARY KEY,
	document     TEXT NOT NULL,    -- canonical JSON; docs/follow-ups.md
	enabled      INTEGER NOT NULL, -- 0 or 1
	from_arrival INTEGER NOT NULL, -- feedback before is not looked at: the rule was made or enabled then
	created_ms   INTEGER NOT NULL,
	changed_ms   INTEGER NOT NULL,
	author       TEXT NOT NULL,
	deleted      INTEGER NOT NULL DEFAULT 0 -- 1: its follow-ups stay, it opens no more
) STRICT;

CREATE TABLE follow_up (
	id             INTEGER PRIMARY KEY,
	rule           INTEGER NOT NULL REFERENCES follow_up_rule (id),
	arrival        INTEGER NOT NULL, -- of the feedback
	identity       INTEGER NOT NULL, -- identity.id of the customer
	unit           TEXT NOT NULL,    -- of the feedback, '' unknown
	event          TEXT NOT NULL,    -- name of the event
	about          TEXT NOT NULL,    -- as in the feedback
	utility        REAL,             -- score of the feedback, 0 to 100; NULL without
	opened_ms      INTEGER NOT NULL, -- when the feedback was received
	due_ms         INTEGER NOT NULL,
	state          INTEGER NOT NULL, -- 0 open, 1 doing, 2 waiting for the customer, 3 closed
	responsible    TEXT NOT NULL,    -- login, '' nobody
	cause          TEXT NOT NULL DEFAULT '',
	outcome        TEXT NOT NULL DEFAULT '', -- solved, partly, not_solved, not_reached, no_need; '' while it is not closed
	first_reply_ms INTEGER,          -- NULL: no reply yet
	closed_ms      INTEGER,          -- NULL unless closed
	escalated_ms   INTEGER,          -- when it was found overdue; NULL: not
	UNIQUE (rule, arrival)
) STRICT;
CREATE INDEX follow_up_due ON follow_up (state, due_ms);
CREATE INDEX follow_up_responsible ON follow_up (responsible, state, due_ms);
CREATE INDEX follow_up_arrival ON follow_up (arrival);
CREATE INDEX follow_up_opened ON follow_up (opened_ms);

CREATE TABLE follow_up_step (
	id        INTEGER PRIMARY KEY,
	follow_up INTEGER NOT NULL REFERENCES follow_up (id),
	at_ms     INTEGER NOT NULL,
	author    TEXT NOT NULL, -- login, '' the program
	what      TEXT NOT NULL, -- opened, told, untold, assigned, state, cause, outcome, due, note, reply, escalated
	text      TEXT NOT NULL  -- the note or reply, or the new value
) STRICT;
CREATE INDEX follow_up_step_of ON follow_up_step (follow_up, id);

CREATE TABLE follow_up_mark (
	id          INTEGER PRIMARY KEY CHECK (id = 1),
	arrival_end INTEGER NOT NULL -- feedback is looked at up to here
) STRICT;
INSERT INTO follow_up_mark VALUES (1, 0);
