-- One set of topics that was saved
SELECT version, document, saved_ms, author FROM insight_topics WHERE version = ?1
