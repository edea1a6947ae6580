SELECT channel, address FROM contact_leave WHERE token = ?1;
