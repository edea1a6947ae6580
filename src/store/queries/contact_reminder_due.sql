SELECT count(*) FROM contact_invitation WHERE id = ?1 AND sent_ms <= ?2 AND reminded_ms IS NULL AND completed_ms IS NULL AND failed_ms IS NULL;
