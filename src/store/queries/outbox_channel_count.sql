SELECT count(*) FROM outbox_channel WHERE key <> ?1;
