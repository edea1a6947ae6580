UPDATE contact_invitation SET customer = '', link = '' WHERE customer = ?1;
