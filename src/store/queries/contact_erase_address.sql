DELETE FROM contact_address WHERE customer = ?1;
