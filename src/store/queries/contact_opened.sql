UPDATE contact_invitation SET opened_ms = ?2 WHERE token = ?1 AND opened_ms IS NULL;
