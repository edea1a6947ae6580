UPDATE contact_round SET stopped_ms = ?2 WHERE id = ?1 AND stopped_ms IS NULL;
