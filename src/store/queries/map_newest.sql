SELECT m.id, max(v.version) FROM map m JOIN map_version v ON v.map = m.id WHERE m.key = ?1 GROUP BY m.id
