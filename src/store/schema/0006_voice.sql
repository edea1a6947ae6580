-- Listening: surveys in immutable versions, the ways to them, and what people answered. Times are milliseconds since 1970 UTC.

CREATE TABLE survey (
	id         INTEGER PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,      -- part of its address and of the names of its events
	created_ms INTEGER NOT NULL,
	state      INTEGER NOT NULL DEFAULT 0, -- enum voice_state
	state_ms   INTEGER NOT NULL DEFAULT 0, -- when the state began; 0: with the survey
	started    INTEGER NOT NULL DEFAULT 0, -- responses, whatever their state
	completed  INTEGER NOT NULL DEFAULT 0  -- of them complete
) STRICT;

CREATE TABLE survey_version (
	survey    INTEGER NOT NULL REFERENCES survey (id) ON DELETE CASCADE,
	version   INTEGER NOT NULL, -- from 1, without holes
	saved_ms  INTEGER NOT NULL,
	author    TEXT NOT NULL,    -- name of who saved it
	name      TEXT NOT NULL,    -- JSON object: its title by language
	questions INTEGER NOT NULL, -- that can be answered
	document  TEXT NOT NULL,    -- canonical JSON; docs/survey-document.md
	PRIMARY KEY (survey, version)
) STRICT, WITHOUT ROWID;

-- A way in that is not of one person: a short link, a QR code at a till, a kiosk, the widget.
CREATE TABLE survey_link (
	id          INTEGER PRIMARY KEY,
	code        TEXT NOT NULL UNIQUE, -- 8 characters
	survey      INTEGER NOT NULL REFERENCES survey (id) ON DELETE CASCADE,
	name        TEXT NOT NULL,        -- what people here call it, '' nothing
	channel     TEXT NOT NULL,        -- of the events that come of it; '' unknown
	unit        TEXT NOT NULL,        -- '' unknown
	environment TEXT NOT NULL,        -- '' unknown
	about       TEXT NOT NULL,        -- event type or 'journey'; '': what the survey says
	lang        TEXT NOT NULL,        -- '' the reader's
	created_ms  INTEGER NOT NULL,
	expires_ms  INTEGER,              -- NULL: never
	answers_max INTEGER,              -- complete responses after which it is closed; NULL: any number
	removed_ms  INTEGER,              -- NULL: it is in use
	started     INTEGER NOT NULL DEFAULT 0,
	completed   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX survey_link_survey ON survey_link (survey);

-- An invitation of one person. What is sent is its number and end, sealed with the secret 'survey_key' of meta.
CREATE TABLE survey_token (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	survey      INTEGER NOT NULL REFERENCES survey (id) ON DELETE CASCADE,
	customer    TEXT NOT NULL,    -- external id
	about       TEXT NOT NULL,    -- as of a link
	journey     TEXT NOT NULL,    -- key of the journey instance that it is about, '' none
	channel     TEXT NOT NULL,
	unit        TEXT NOT NULL,
	environment TEXT NOT NULL,
	lang        TEXT NOT NULL,
	created_ms  INTEGER NOT NULL,
	expires_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX survey_token_survey ON survey_token (survey, created_ms);

CREATE TABLE response (
	id           INTEGER PRIMARY KEY,
	code         TEXT NOT NULL UNIQUE,  -- who knows it may go on answering: 24 characters. Of the sender's Idempotency-Key when there
	                                    -- was one, else of the time and 80 random bits
	survey       INTEGER NOT NULL REFERENCES survey (id),
	version      INTEGER NOT NULL,      -- of the survey, when it was started
	link         INTEGER,               -- survey_link.id; NULL: not by a link
	token        INTEGER UNIQUE,        -- survey_token.id; NULL: nobody was invited
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
CREATE INDEX response_survey ON response (survey);
