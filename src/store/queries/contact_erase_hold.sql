DELETE FROM contact_hold WHERE customer = ?1;
