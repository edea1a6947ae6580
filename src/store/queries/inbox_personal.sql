SELECT f.arrival, f.at_ms, f.received_ms, e.text AS event, a.text AS about, c.text AS channel, u.text AS unit, l.text AS lang,
	k.text AS score_kind, f.score, f.score_min, f.score_max, m.text AS comment
FROM feedback f
LEFT JOIN feedback_word e ON e.id = f.event
LEFT JOIN feedback_word a ON a.id = f.about
LEFT JOIN feedback_word c ON c.id = f.channel
LEFT JOIN feedback_word u ON u.id = f.unit
LEFT JOIN feedback_word l ON l.id = f.lang
LEFT JOIN feedback_word k ON k.id = f.score_kind
LEFT JOIN feedback_comment m ON m.arrival = f.arrival
WHERE f.arrival = ?1
