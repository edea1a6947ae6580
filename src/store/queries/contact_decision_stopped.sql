UPDATE contact_decision SET reason = ?2 WHERE id = ?1;
