SELECT version, document, saved_ms, author FROM insight_topics ORDER BY version DESC LIMIT 1
