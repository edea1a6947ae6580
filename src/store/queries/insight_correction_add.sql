INSERT INTO insight_correction (arrival, at_ms, author, chosen, judged, was_feeling, was_added, was_dropped, feeling, added, dropped)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
