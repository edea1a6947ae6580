UPDATE outbox_message SET text = '', html = '' WHERE id IN
	(SELECT id FROM outbox_message WHERE state >= 2 AND text <> '' AND changed_ms < ?1 ORDER BY changed_ms LIMIT 500);
