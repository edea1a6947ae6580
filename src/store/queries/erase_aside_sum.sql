UPDATE source_count SET set_aside = set_aside - 1, erased = erased + 1 WHERE source = ?1;
