-- the answers of the device ?1 are about to go: out of what their surveys count
UPDATE survey SET started = max(0, started - x.begun), completed = max(0, completed - x.ended)
FROM (SELECT survey, count(*) AS begun, count(completed_ms) AS ended FROM response WHERE anonymous = ?1 AND ?1 <> '' GROUP BY survey) AS x
WHERE survey.id = x.survey
