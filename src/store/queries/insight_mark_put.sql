UPDATE insight_mark SET arrival_end = ?1 WHERE id = 1
