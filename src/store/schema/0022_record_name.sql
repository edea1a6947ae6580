-- Codes that come of a key of the sender's lie anywhere among the others: an index of them writes a page for each answer. They are
-- names of records now (store/names.c), kept in the order in which they came. The index of codes keeps those that begin with the
-- time, and whatever there was before.
CREATE TABLE record_name (
	id     INTEGER PRIMARY KEY, -- dense, in the order in which names were given
	key    BLOB NOT NULL,       -- keyed hash of the name, 16 bytes
	record INTEGER NOT NULL     -- the row that has the name; it may be gone
) STRICT;

CREATE TABLE response_now (
	id           INTEGER PRIMARY KEY,
	code         TEXT NOT NULL,         -- who knows it may go on answering: 24 characters. Of the sender's Idempotency-Key when there
	                                    -- was one, else of the time and 80 random bits
	named        INTEGER NOT NULL,      -- 1: the code is its name in record_name; 0: it is in the index
	survey       INTEGER NOT NULL REFERENCES survey (id),
	version      INTEGER NOT NULL,      -- of the survey, when it was started
	link         INTEGER,               -- survey_link.id; NULL: not by a link
	token        INTEGER,               -- survey_token.id; NULL: nobody was invited
	customer     TEXT NOT NULL,         -- external id, '' unknown
	anonymous    TEXT NOT NULL,         -- anonymous id of its events when there is no customer, '' with one
	lang         TEXT NOT NULL,         -- in which it was answered, '' unknown
	channel      TEXT NOT NULL,
	unit         TEXT NOT NULL,
	environment  TEXT NOT NULL,
	about        TEXT NOT NULL,
	journey      TEXT NOT NULL,
	started_ms   INTEGER NOT NULL,
	changed_ms   INTEGER NOT NULL,
	completed_ms INTEGER,               -- NULL: not yet
	answers      TEXT NOT NULL          -- canonical JSON object: question -> value
) STRICT;
INSERT INTO response_now SELECT id, code, 0, survey, version, link, token, customer, anonymous, lang, channel, unit, environment,
	about, journey, started_ms, changed_ms, completed_ms, answers FROM response ORDER BY id;
DROP TABLE response;
ALTER TABLE response_now RENAME TO response;
CREATE UNIQUE INDEX response_code ON response (code) WHERE named = 0;
CREATE UNIQUE INDEX response_token ON response (token) WHERE token IS NOT NULL;
CREATE INDEX response_survey ON response (survey);
CREATE INDEX response_customer ON response (customer) WHERE customer <> '';
