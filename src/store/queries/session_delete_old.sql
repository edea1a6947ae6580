DELETE FROM session WHERE created_ms < ?1 OR last_ms < ?2
