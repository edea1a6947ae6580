UPDATE source SET hook_secret = ?2 WHERE id = ?1;
