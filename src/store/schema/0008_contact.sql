-- Who may be asked: addresses, consent, rules, decisions, invitations. Times are milliseconds since 1970 UTC.

CREATE TABLE contact_address (
	customer   TEXT PRIMARY KEY,     -- external id
	email      TEXT NOT NULL,        -- '' none
	phone      TEXT NOT NULL,        -- E.164, '' none
	lang       TEXT NOT NULL,        -- '' unknown
	country    TEXT NOT NULL,        -- ISO 3166-1, '' unknown
	zone       TEXT NOT NULL,        -- IANA, '' the country's
	name       TEXT NOT NULL,        -- '' unknown
	minor      INTEGER NOT NULL,     -- 1: not yet of age
	changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A ledger: lines are only added, the newest of an address holds.
CREATE TABLE contact_consent (
	id      INTEGER PRIMARY KEY,
	channel INTEGER NOT NULL,        -- 0 email, 1 sms, 2 whatsapp, 3 web
	address TEXT NOT NULL,
	state   INTEGER NOT NULL,        -- 1 given, 2 withdrawn, 3 bounces, 4 complained
	source  TEXT NOT NULL,           -- 'identify', 'unsubscribe', 'stop', 'receipt', 'import', a person's name
	at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_consent_address ON contact_consent (address, channel);

CREATE TABLE contact_leave (
	token   TEXT PRIMARY KEY,        -- of the address of the page that unsubscribes
	channel INTEGER NOT NULL,
	address TEXT NOT NULL,
	UNIQUE (address, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_rules (
	version  INTEGER PRIMARY KEY,    -- from 1
	saved_ms INTEGER NOT NULL,
	author   TEXT NOT NULL,
	rules    TEXT NOT NULL           -- JSON, docs/contact.md
) STRICT;

CREATE TABLE contact_hold (
	customer TEXT NOT NULL,
	ref      TEXT NOT NULL,          -- which complaint
	at_ms    INTEGER NOT NULL,
	PRIMARY KEY (customer, ref)
) STRICT, WITHOUT ROWID;

-- One row a trigger. What the rules knew then is kept, so that other rules can be tried on it.
CREATE TABLE contact_decision (
	id        INTEGER PRIMARY KEY,
	at_ms     INTEGER NOT NULL,
	customer  TEXT NOT NULL,         -- '' erased
	address   TEXT NOT NULL,         -- '' none, or erased
	survey    TEXT NOT NULL,         -- key
	channel   INTEGER NOT NULL,
	trigger   TEXT NOT NULL,
	reason    INTEGER NOT NULL,      -- 0: asked
	send_ms   INTEGER NOT NULL,      -- when it goes out, or would
	reminder  INTEGER NOT NULL,
	legal     INTEGER NOT NULL,      -- 0 consent unknown, 1 given, 2 withdrawn, 3 bounces, 4 complained, 5 minor, 6 no address, 7 no channel
	held      INTEGER NOT NULL,      -- 1: a complaint was open
	lang      TEXT NOT NULL,
	country   TEXT NOT NULL,
	unit      TEXT NOT NULL,
	draw      REAL NOT NULL          -- [0, 1): asked when under the share
) STRICT;
CREATE INDEX contact_asked_customer ON contact_decision (customer, at_ms) WHERE reason = 0 AND reminder = 0;
CREATE INDEX contact_asked_address ON contact_decision (address, at_ms) WHERE reason = 0 AND reminder = 0 AND address <> '';
CREATE INDEX contact_asked_survey ON contact_decision (survey, at_ms) WHERE reason = 0 AND reminder = 0;
CREATE INDEX contact_asked_channel ON contact_decision (channel, at_ms) WHERE reason = 0;
CREATE INDEX contact_decision_at ON contact_decision (at_ms);
CREATE INDEX contact_decision_customer ON contact_decision (customer);

-- A trigger that waits for its time.
CREATE TABLE contact_pending (
	id       INTEGER PRIMARY KEY,
	due_ms   INTEGER NOT NULL,
	survey   TEXT NOT NULL,
	customer TEXT NOT NULL,
	channels TEXT NOT NULL,          -- in the order in which they are tried, "email,sms"
	about    TEXT NOT NULL,          -- event type that it came behind
	journey  TEXT NOT NULL,
	unit     TEXT NOT NULL,
	arrival  INTEGER NOT NULL,       -- of that event
	UNIQUE (survey, customer, arrival)
) STRICT;
CREATE INDEX contact_pending_due ON contact_pending (due_ms);

CREATE TABLE contact_invitation (
	id           INTEGER PRIMARY KEY,
	decision     INTEGER NOT NULL,
	token        INTEGER NOT NULL,   -- survey_token.id
	survey       TEXT NOT NULL,
	customer     TEXT NOT NULL,      -- '' erased
	channel      INTEGER NOT NULL,
	link         TEXT NOT NULL,      -- token as it is sent
	lang         TEXT NOT NULL,
	about        TEXT NOT NULL,
	asked_ms     INTEGER NOT NULL,   -- when it was put into the outbox
	sent_ms      INTEGER,            -- NULL: not yet, and so on
	delivered_ms INTEGER,
	failed_ms    INTEGER,
	failure      TEXT NOT NULL,      -- '' none
	opened_ms    INTEGER,
	reminded_ms  INTEGER             -- when the reminder was decided on, whatever was decided
) STRICT;
CREATE UNIQUE INDEX contact_invitation_token ON contact_invitation (token);
CREATE INDEX contact_invitation_survey ON contact_invitation (survey, asked_ms);
CREATE INDEX contact_invitation_customer ON contact_invitation (customer);
CREATE INDEX contact_invitation_remind ON contact_invitation (sent_ms)
	WHERE reminded_ms IS NULL AND failed_ms IS NULL AND sent_ms IS NOT NULL;
