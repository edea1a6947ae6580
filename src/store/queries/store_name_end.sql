SELECT coalesce(max(id) + 1, 0) FROM record_name
