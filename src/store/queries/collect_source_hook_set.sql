UPDATE source SET hook_mapping = ?2 WHERE id = ?1;
