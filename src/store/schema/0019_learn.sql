-- What people say about how the program reads comments. It wins over the program's reading and outlives reading again; of derived
-- tables only insight_comment is touched: what was read is kept beside what counts.

CREATE TABLE insight_corrected ( -- what holds now, of comments that somebody looked at
	arrival INTEGER PRIMARY KEY,
	step    INTEGER NOT NULL, -- insight_correction.id of the newest
	feeling INTEGER,          -- 0 negative, 1 neutral, 2 positive; NULL: as it is read
	added   TEXT NOT NULL,    -- JSON array of keys of topics that it speaks of besides those found
	dropped TEXT NOT NULL,    -- JSON array of keys of topics that it does not speak of
	chosen  INTEGER NOT NULL, -- why it was looked at: 0 somebody came by, 1 the program was in doubt, 2 by chance
	at_ms   INTEGER NOT NULL,
	author  TEXT NOT NULL     -- login
) STRICT;

CREATE TABLE insight_correction ( -- each step, none is ever changed
	id          INTEGER PRIMARY KEY,
	arrival     INTEGER NOT NULL,
	at_ms       INTEGER NOT NULL,
	author      TEXT NOT NULL,
	chosen      INTEGER NOT NULL,
	judged      REAL,          -- how the program read its feeling then, -1 .. 1; NULL: not told
	was_feeling INTEGER,       -- before the step, as in insight_corrected
	was_added   TEXT NOT NULL,
	was_dropped TEXT NOT NULL,
	feeling     INTEGER,       -- after it
	added       TEXT NOT NULL,
	dropped     TEXT NOT NULL
) STRICT;
CREATE INDEX insight_correction_arrival ON insight_correction (arrival, id);

ALTER TABLE insight_comment ADD COLUMN judged REAL; -- sentiment as it was read, where a correction says otherwise too
ALTER TABLE insight_comment ADD COLUMN margin REAL; -- between the two likeliest of negative, neutral, positive, 0 .. 1; NULL: not told
