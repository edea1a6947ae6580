SELECT name, type, bytes FROM outbox_file WHERE message = ?1 ORDER BY place;
