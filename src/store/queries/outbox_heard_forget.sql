DELETE FROM outbox_heard WHERE hash IN (SELECT hash FROM outbox_heard WHERE at_ms < ?1 ORDER BY at_ms LIMIT 500)
