SELECT id, key, record FROM record_name WHERE id >= ?1 ORDER BY id
