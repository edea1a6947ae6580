-- The model in use of language ?1
SELECT a.model, a.at_ms, a.author, m.made_ms, m.bytes, m.report FROM insight_adopted a LEFT JOIN insight_model m ON m.id = a.model
WHERE a.lang = ?1 ORDER BY a.id DESC LIMIT 1
