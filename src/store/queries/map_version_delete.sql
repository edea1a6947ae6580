DELETE FROM map_version WHERE map = (SELECT id FROM map WHERE key = ?1)
