-- Newest first, at most ?1
SELECT id, lang, made_ms, author, better, report FROM insight_model ORDER BY id DESC LIMIT ?1
