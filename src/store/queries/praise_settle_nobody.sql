DELETE FROM praise WHERE arrival = ?1 AND held = 1
