SELECT m.key, v.name, v.version, m.created_ms, v.saved_ms, v.author, v.touchpoints
FROM map m JOIN map_version v ON v.map = m.id
WHERE v.version = (SELECT max(version) FROM map_version WHERE map = m.id)
ORDER BY m.id
