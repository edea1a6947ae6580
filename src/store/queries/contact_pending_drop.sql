DELETE FROM contact_pending WHERE id = ?1;
