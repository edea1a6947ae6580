UPDATE contact_decision SET customer = '', address = '' WHERE customer = ?1;
