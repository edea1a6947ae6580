SELECT count(*) FROM contact_hold WHERE customer IN (SELECT value FROM json_each(?1));
