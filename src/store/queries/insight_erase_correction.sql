DELETE FROM insight_correction WHERE arrival = ?1
