SELECT lang, model, at_ms, author FROM insight_adopted ORDER BY id DESC LIMIT ?1
