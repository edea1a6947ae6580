DELETE FROM segment_version WHERE segment = (SELECT id FROM segment WHERE key = ?1)
