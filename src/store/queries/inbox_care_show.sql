UPDATE feedback SET state = ?2, assigned = ?3 WHERE arrival = ?1
