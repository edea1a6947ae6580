DELETE FROM insight_corrected WHERE arrival = ?1
