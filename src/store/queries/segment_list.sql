-- ?1 = '': all, by age
SELECT s.key, v.name, v.rule, v.version, s.created_ms, v.saved_ms, v.author
FROM segment s JOIN segment_version v ON v.segment = s.id
WHERE v.version = (SELECT max(version) FROM segment_version WHERE segment = s.id) AND (?1 = '' OR s.key = ?1)
ORDER BY s.id
