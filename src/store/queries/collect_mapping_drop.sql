DELETE FROM import_mapping WHERE name = ?1;
