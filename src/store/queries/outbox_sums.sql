SELECT channel, state, count(*) FROM outbox_message GROUP BY channel, state ORDER BY channel, state;
