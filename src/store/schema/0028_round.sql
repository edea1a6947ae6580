-- Rounds: people are asked one survey together, by hand.

CREATE TABLE contact_round (
	id         INTEGER PRIMARY KEY,
	survey     TEXT NOT NULL,     -- key
	channels   TEXT NOT NULL,     -- in the order in which they are tried, "email,sms"
	lang       TEXT NOT NULL,     -- of whom no language is known; '' the survey's own
	lang_all   INTEGER NOT NULL,  -- 1: everybody is asked in lang
	whom       TEXT NOT NULL,     -- 'everybody', 'segment', 'list'
	segment    TEXT NOT NULL,     -- key or rule, '' none
	people     INTEGER NOT NULL,
	author     TEXT NOT NULL,
	made_ms    INTEGER NOT NULL,
	due_ms     INTEGER NOT NULL,  -- not before
	stopped_ms INTEGER            -- NULL: it was not
) STRICT;
CREATE INDEX contact_round_survey ON contact_round (survey, id);

-- Who waits in contact_pending because of a round has -round as its arrival.
CREATE INDEX contact_pending_round ON contact_pending (arrival) WHERE arrival < 0;

ALTER TABLE contact_decision ADD COLUMN round INTEGER NOT NULL DEFAULT 0; -- contact_round.id, 0 none
CREATE INDEX contact_decision_round ON contact_decision (round, id) WHERE round > 0;

-- Somebody is looked up by the address of a list.
CREATE INDEX contact_address_email ON contact_address (email) WHERE email <> '';
CREATE INDEX contact_address_phone ON contact_address (phone) WHERE phone <> '';
