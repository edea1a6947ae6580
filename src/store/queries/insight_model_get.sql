SELECT lang, made_ms, author, better, report, bytes IS NOT NULL FROM insight_model WHERE id = ?1
