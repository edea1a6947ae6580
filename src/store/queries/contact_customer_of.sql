-- who has an address; the first of several by id
SELECT min(customer) FROM contact_address WHERE (email = ?1 AND email <> '') OR (phone = ?1 AND phone <> '');
