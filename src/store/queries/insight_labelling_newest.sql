SELECT id, document, at_ms, author FROM insight_labelling ORDER BY id DESC LIMIT 1
