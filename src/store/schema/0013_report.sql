-- Reports that go out by mail. Times are milliseconds since 1970 UTC.

CREATE TABLE report (
	id         INTEGER PRIMARY KEY,
	unit       TEXT NOT NULL,    -- path, '' the whole organisation
	map        TEXT NOT NULL,    -- map.key that it measures
	role       INTEGER NOT NULL, -- enum act_report_role: what stands in it
	address    TEXT NOT NULL,    -- of mail
	lang       TEXT NOT NULL,    -- 'en', 'ar', 'fa'
	enabled    INTEGER NOT NULL, -- 0 or 1
	sent_week  INTEGER NOT NULL, -- beginning of the newest week that was sent, 0 none
	created_ms INTEGER NOT NULL,
	author     TEXT NOT NULL     -- login
) STRICT;
