DELETE FROM contact_pending WHERE customer = ?1;
