INSERT INTO feedback (arrival, at_ms, received_ms, source, identity, event, about, channel, unit, lang, score_kind, score,
	score_min, score_max, utility, commented, state, assigned)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
	COALESCE((SELECT state FROM feedback_care WHERE arrival = ?1), 0), (SELECT assigned FROM feedback_care WHERE arrival = ?1))
