SELECT c.arrival, c.lang, c.sentiment, (SELECT json_group_array(json_object('topic', s.topic, 'sentiment', s.sentiment))
	FROM insight_said s WHERE s.arrival = c.arrival) AS topics_json,
	(SELECT g.chosen FROM insight_given_out g WHERE g.arrival = c.arrival) AS given_out
FROM insight_comment c WHERE c.arrival = ?1
