DELETE FROM survey WHERE key = ?1
