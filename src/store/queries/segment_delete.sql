DELETE FROM segment WHERE key = ?1
