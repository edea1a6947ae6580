UPDATE source SET key_hash = ?2, key_hint = ?3 WHERE id = ?1;
