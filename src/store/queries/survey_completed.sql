SELECT completed, started FROM survey WHERE key = ?1
