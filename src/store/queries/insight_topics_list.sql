-- The sets of topics that were saved, newest first, at most ?1
SELECT version, saved_ms, author FROM insight_topics ORDER BY version DESC LIMIT ?1
