-- events of a source that were in the log
UPDATE source_count SET stored = stored - ?2, erased = erased + ?2 WHERE source = ?1;
