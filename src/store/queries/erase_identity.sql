UPDATE identity SET external = '' WHERE id = ?1;
