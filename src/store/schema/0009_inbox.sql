-- Feedback as people read and answer it. What the log says of each answer, comment, review and complaint is derived and can be
-- read again from the log (feedback, feedback_comment, feedback_text_MONTH, feedback_month, feedback_mark); what was done about
-- it is not (feedback_care, feedback_tag, feedback_note). Times are milliseconds since 1970 UTC.

CREATE TABLE feedback_word ( -- texts that many rows share
	id   INTEGER PRIMARY KEY,
	text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE feedback (
	arrival     INTEGER PRIMARY KEY, -- of the event
	at_ms       INTEGER NOT NULL,
	received_ms INTEGER NOT NULL,
	source      INTEGER NOT NULL,    -- source.id
	identity    INTEGER NOT NULL,    -- identity.id
	event       INTEGER NOT NULL,    -- feedback_word.id of its name
	about       INTEGER NOT NULL,    -- feedback_word.id: the event it speaks of, 'journey', or '' itself
	channel     INTEGER NOT NULL,    -- feedback_word.id, '' unknown
	unit        INTEGER NOT NULL,    -- feedback_word.id: a path, '' unknown
	lang        INTEGER NOT NULL,    -- feedback_word.id: of the comment, '' unknown
	score_kind  INTEGER NOT NULL,    -- feedback_word.id: 'nps', 'csat', 'ces', 'rating'; '' without a score
	score       REAL,                -- as given; NULL: it has none
	score_min   REAL,                -- its scale
	score_max   REAL,
	utility     REAL,                -- the score on 0 (worst) to 100 (best)
	commented   INTEGER NOT NULL,    -- 1: feedback_comment has its words
	state       INTEGER NOT NULL,    -- 0 new, 1 open, 2 done; as in feedback_care
	assigned    TEXT                 -- login; NULL nobody; as in feedback_care
) STRICT;
-- All that a list is filtered by, so that rows that do not fit are never looked up.
CREATE INDEX feedback_at ON feedback (at_ms, arrival, utility, event, about, source, channel, unit, lang, state, assigned,
	commented, identity);
CREATE INDEX feedback_identity ON feedback (identity, at_ms);

CREATE TABLE feedback_comment (
	arrival INTEGER PRIMARY KEY,
	text    TEXT NOT NULL -- as written
) STRICT;

-- Months (of at_ms, UTC) that have a table feedback_text_YYYYMM: FTS5 without content over folded words, rowid = arrival.
CREATE TABLE feedback_month (
	month INTEGER PRIMARY KEY -- 202611
) STRICT;

CREATE TABLE feedback_mark (
	id          INTEGER PRIMARY KEY CHECK (id = 1),
	arrival_end INTEGER NOT NULL -- the log is read up to here
) STRICT;
INSERT INTO feedback_mark VALUES (1, 0);

CREATE TABLE feedback_care (
	arrival    INTEGER PRIMARY KEY,
	state      INTEGER NOT NULL, -- 0 new, 1 open, 2 done
	assigned   TEXT,             -- login; NULL nobody
	changed_ms INTEGER NOT NULL,
	author     TEXT NOT NULL     -- login of who changed it last
) STRICT;

CREATE TABLE feedback_tag (
	arrival INTEGER NOT NULL,
	tag     TEXT NOT NULL,
	PRIMARY KEY (arrival, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_tag_tag ON feedback_tag (tag, arrival);

CREATE TABLE feedback_note (
	id      INTEGER PRIMARY KEY,
	arrival INTEGER NOT NULL,
	at_ms   INTEGER NOT NULL,
	author  TEXT NOT NULL,    -- login
	reply   INTEGER NOT NULL, -- 1: was sent to the customer, 0: for colleagues
	channel TEXT NOT NULL,    -- by which a reply went, '' of notes
	message TEXT,             -- of a reply: its id among the messages that leave; NULL of notes
	text    TEXT NOT NULL
) STRICT;
CREATE INDEX feedback_note_arrival ON feedback_note (arrival, id);
