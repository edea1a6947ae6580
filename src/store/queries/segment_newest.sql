SELECT s.id, max(v.version) FROM segment s JOIN segment_version v ON v.segment = s.id WHERE s.key = ?1 GROUP BY s.id
