-- What comment ?1 speaks of: topic, how the parts that speak of it feel
SELECT topic, sentiment FROM insight_said WHERE arrival = ?1 ORDER BY topic
