SELECT min(max(c.next_ms, (SELECT m.next_ms FROM outbox_message m WHERE m.state = 0 AND m.channel = c.key ORDER BY m.next_ms LIMIT 1)))
FROM outbox_channel c WHERE c.enabled = 1;
