SELECT token FROM contact_leave WHERE address = ?1 AND channel = ?2;
