SELECT count(*) FROM import_mapping;
