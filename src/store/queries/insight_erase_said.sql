DELETE FROM insight_said WHERE arrival = ?1
