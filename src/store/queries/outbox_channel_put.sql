INSERT INTO outbox_channel (key, kind, medium, settings, secret, receipt, enabled, made_ms, next_ms, trouble, trouble_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, '', 0)
ON CONFLICT (key) DO UPDATE SET kind = ?2, medium = ?3, settings = ?4, secret = ?5, enabled = ?7, next_ms = 0, trouble = '', trouble_ms = 0;
