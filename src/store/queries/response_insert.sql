-- nothing is put there when the index has the code already; ?17: it will be its name
INSERT INTO response (code, survey, version, link, token, customer, anonymous, lang, channel, unit, environment, about, journey,
	started_ms, changed_ms, completed_ms, answers, named)
SELECT ?1, ?2, ?3, nullif(?4, 0), nullif(?5, 0), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16, ?17
WHERE NOT EXISTS (SELECT 1 FROM response WHERE code = ?1 AND named = 0)
