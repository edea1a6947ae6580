DELETE FROM praise WHERE colleague = ?1
