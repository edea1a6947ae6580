UPDATE contact_leave SET address = ?2 WHERE address = ?1
