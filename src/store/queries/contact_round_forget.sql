DELETE FROM contact_pending WHERE arrival = -?1 AND arrival < 0;
