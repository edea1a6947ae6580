DELETE FROM identity_change WHERE a = ?1 OR b = ?1;
