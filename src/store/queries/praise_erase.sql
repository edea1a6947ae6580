DELETE FROM praise WHERE arrival = ?1
