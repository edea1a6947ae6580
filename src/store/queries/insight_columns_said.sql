-- What every comment speaks of, topic by topic
SELECT arrival, topic, sentiment FROM insight_said
