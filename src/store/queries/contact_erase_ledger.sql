UPDATE contact_consent SET address = ?2 WHERE address = ?1
