UPDATE contact_invitation SET reminded_ms = ?2 WHERE id = ?1;
