INSERT INTO insight_comment (arrival, version, lang, sentiment, flags) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (arrival) DO UPDATE SET version = excluded.version, lang = excluded.lang, sentiment = excluded.sentiment, flags = excluded.flags
