SELECT state, assigned FROM feedback WHERE arrival = ?1
