-- Colleagues who are thanked by name in comments, and where they were. Times are milliseconds since 1970 UTC.

CREATE TABLE colleague (
	id           INTEGER PRIMARY KEY,
	name         TEXT NOT NULL,    -- as it is shown
	spellings    TEXT NOT NULL,    -- JSON array of texts: other ways in which customers write it
	unit         TEXT NOT NULL,    -- path; '' everywhere
	login        TEXT NOT NULL,    -- '' does not sign in
	mail         TEXT NOT NULL,    -- '' the login, where that is an address
	lang         TEXT NOT NULL,    -- of mail: 'en', 'ar', 'fa'; '' the unit's
	from_arrival INTEGER NOT NULL, -- comments before are not looked at: the colleague was not known yet
	changed_ms   INTEGER NOT NULL,
	author       TEXT NOT NULL     -- login
) STRICT;

CREATE TABLE praise (
	arrival   INTEGER NOT NULL, -- of the comment
	colleague INTEGER NOT NULL REFERENCES colleague (id),
	words     TEXT NOT NULL,    -- of the comment, as written there
	unit      TEXT NOT NULL,    -- of the comment, '' unknown
	at_ms     INTEGER NOT NULL,
	held      INTEGER NOT NULL, -- 1: the words fit others too, and nobody has said who is meant; 0: told
	PRIMARY KEY (arrival, colleague)
) STRICT, WITHOUT ROWID;
CREATE INDEX praise_colleague ON praise (colleague, held, at_ms);

CREATE TABLE praise_mark (
	id          INTEGER PRIMARY KEY CHECK (id = 1),
	arrival_end INTEGER NOT NULL -- comments are looked at up to here
) STRICT;
INSERT INTO praise_mark VALUES (1, 0);
