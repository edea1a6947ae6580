DELETE FROM insight_given_out WHERE arrival = ?1
