UPDATE contact_invitation SET failed_ms = coalesce(failed_ms, ?2), failure = ?3 WHERE id = ?1;
