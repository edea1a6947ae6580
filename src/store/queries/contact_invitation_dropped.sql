-- nothing of it left; a reminder that is dropped leaves the invitation as it is
UPDATE contact_invitation SET failed_ms = coalesce(failed_ms, ?2), failure = ?3 WHERE id = ?1 AND sent_ms IS NULL;
