UPDATE source SET rules = ?2 WHERE id = ?1;
