UPDATE contact_invitation SET sent_ms = coalesce(sent_ms, ?2), delivered_ms = coalesce(delivered_ms, ?2) WHERE id = ?1;
