DELETE FROM set_aside WHERE id = ?1 AND source = ?2;
