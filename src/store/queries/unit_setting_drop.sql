DELETE FROM unit_setting WHERE unit = ?1
