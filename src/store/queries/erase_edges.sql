DELETE FROM identity_edge WHERE a = ?1 OR b = ?1;
