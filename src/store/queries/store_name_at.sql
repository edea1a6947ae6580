SELECT key FROM record_name WHERE id = ?1
