SELECT opened_ms IS NULL FROM contact_invitation WHERE token = ?1;
