-- ?2 = 0: the newest
SELECT v.document, v.version, (SELECT max(version) FROM map_version WHERE map = m.id)
FROM map m JOIN map_version v ON v.map = m.id
WHERE m.key = ?1 AND (v.version = ?2 OR ?2 = 0)
ORDER BY v.version DESC LIMIT 1
