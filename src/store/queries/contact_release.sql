DELETE FROM contact_hold WHERE customer = ?1 AND ref = ?2;
