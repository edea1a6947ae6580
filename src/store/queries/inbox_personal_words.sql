SELECT f.at_ms, m.text FROM feedback f JOIN feedback_comment m ON m.arrival = f.arrival WHERE f.arrival = ?1
