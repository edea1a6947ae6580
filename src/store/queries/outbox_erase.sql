UPDATE outbox_message SET address = '', name = '', subject = '', text = '', html = '', unsubscribe = '', customer = '', reason = '', provider = '',
	state = CASE WHEN state < 2 THEN 6 ELSE state END WHERE customer = ?1;
