SELECT key, kind, medium, settings, secret, receipt, enabled, trouble, trouble_ms, next_ms FROM outbox_channel WHERE ?1 = '' OR key = ?1 ORDER BY key;
