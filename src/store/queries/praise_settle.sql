UPDATE praise SET held = 0 WHERE arrival = ?1 AND colleague = ?2 AND held = 1
