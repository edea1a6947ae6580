DELETE FROM feedback WHERE arrival = ?1
