-- What the program read in comments. Derived from feedback_comment and the newest set of topics, and read again when either changes
-- (insight_comment, insight_said, insight_mark); the sets of topics are what people decided (insight_topics).

CREATE TABLE insight_topics (
	version  INTEGER PRIMARY KEY, -- from 1; 0 is the set that comes with the program
	document TEXT NOT NULL,       -- docs/methods/text-topics.md
	saved_ms INTEGER NOT NULL,
	author   TEXT NOT NULL        -- login
) STRICT;

CREATE TABLE insight_comment (
	arrival   INTEGER PRIMARY KEY, -- feedback.arrival
	version   INTEGER NOT NULL,    -- the set of topics that it was read by
	lang      TEXT NOT NULL,       -- 'en', 'ar', 'fa', 'mixed', 'latin', 'other'
	sentiment REAL,                -- -1 .. 1; NULL: not told
	flags     INTEGER NOT NULL     -- of enum text_flag
) STRICT;
CREATE INDEX insight_comment_version ON insight_comment (version, arrival);

CREATE TABLE insight_said (
	topic     TEXT NOT NULL,    -- its key
	at_ms     INTEGER NOT NULL, -- feedback.at_ms
	arrival   INTEGER NOT NULL,
	sentiment REAL,             -- of the parts that speak of it
	PRIMARY KEY (topic, at_ms, arrival)
) STRICT, WITHOUT ROWID;
CREATE INDEX insight_said_arrival ON insight_said (arrival, topic);

CREATE TABLE insight_mark (
	id          INTEGER PRIMARY KEY CHECK (id = 1),
	arrival_end INTEGER NOT NULL -- comments are read up to here
) STRICT;
INSERT INTO insight_mark VALUES (1, 0);
