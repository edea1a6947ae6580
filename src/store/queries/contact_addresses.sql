SELECT customer, email, phone FROM contact_address;
