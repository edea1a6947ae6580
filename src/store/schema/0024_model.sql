-- Models of feeling that were learned here, the one in use of each language, and by which a comment was read.

CREATE TABLE insight_model (
	id      INTEGER PRIMARY KEY,
	lang    TEXT NOT NULL,    -- 'en', 'ar', 'fa'
	made_ms INTEGER NOT NULL,
	author  TEXT NOT NULL,    -- login
	better  INTEGER NOT NULL, -- 1: it may be put to use
	report  TEXT NOT NULL,    -- JSON: docs/methods/text-own.md
	bytes   BLOB              -- the model; NULL: there was too little to learn from
) STRICT;
CREATE INDEX insight_model_lang ON insight_model (lang, id);

CREATE TABLE insight_adopted ( -- each decision; the newest of a language holds
	id     INTEGER PRIMARY KEY,
	lang   TEXT NOT NULL,
	model  INTEGER,          -- insight_model.id; NULL: the one that comes with the program
	at_ms  INTEGER NOT NULL,
	author TEXT NOT NULL
) STRICT;
CREATE INDEX insight_adopted_lang ON insight_adopted (lang, id);

CREATE TABLE insight_labelling ( -- how scores become feelings; the newest holds
	id       INTEGER PRIMARY KEY,
	document TEXT NOT NULL,   -- JSON: docs/methods/text-own.md
	at_ms    INTEGER NOT NULL,
	author   TEXT NOT NULL
) STRICT;

CREATE TABLE insight_reader ( -- the models of all languages together, by which comments are read; the newest row holds
	id INTEGER PRIMARY KEY, -- from 1
	en TEXT NOT NULL,       -- "shipped-" and a hash, or "own-" and insight_model.id
	ar TEXT NOT NULL,
	fa TEXT NOT NULL,
	latin TEXT NOT NULL -- of Arabic and Persian in Latin letters
) STRICT;

ALTER TABLE insight_comment ADD COLUMN reader INTEGER NOT NULL DEFAULT 0; -- insight_reader.id; 0: not known, read before there were any
CREATE INDEX insight_comment_reader ON insight_comment (reader, arrival);
CREATE INDEX insight_comment_margin ON insight_comment (margin, arrival) WHERE margin IS NOT NULL; -- the most doubtful first
