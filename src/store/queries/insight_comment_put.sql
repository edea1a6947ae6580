INSERT INTO insight_comment (arrival, version, lang, sentiment, flags, judged, margin, reader) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (arrival) DO UPDATE SET version = excluded.version, lang = excluded.lang, sentiment = excluded.sentiment, flags = excluded.flags,
	judged = excluded.judged, margin = excluded.margin, reader = excluded.reader
