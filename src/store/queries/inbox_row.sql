SELECT f.arrival, f.at_ms, f.received_ms, f.source, s.name, f.identity, e.text, a.text, c.text, u.text, l.text, k.text,
	f.score, f.score_min, f.score_max, f.utility, f.state, f.assigned, m.text,
	(SELECT json_group_array(tag) FROM feedback_tag t WHERE t.arrival = f.arrival)
FROM feedback f
LEFT JOIN source s ON s.id = f.source
LEFT JOIN feedback_word e ON e.id = f.event
LEFT JOIN feedback_word a ON a.id = f.about
LEFT JOIN feedback_word c ON c.id = f.channel
LEFT JOIN feedback_word u ON u.id = f.unit
LEFT JOIN feedback_word l ON l.id = f.lang
LEFT JOIN feedback_word k ON k.id = f.score_kind
LEFT JOIN feedback_comment m ON m.arrival = f.arrival
WHERE f.arrival = ?1
