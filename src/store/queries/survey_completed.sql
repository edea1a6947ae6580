SELECT completed FROM survey WHERE key = ?1
