-- and out of what the links count
UPDATE survey_link SET started = max(0, started - x.begun), completed = max(0, completed - x.ended)
FROM (SELECT link, count(*) AS begun, count(completed_ms) AS ended FROM response WHERE anonymous = ?1 AND ?1 <> '' GROUP BY link) AS x
WHERE survey_link.id = x.link
