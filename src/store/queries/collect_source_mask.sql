UPDATE source SET mask = ?2 WHERE id = ?1;
