SELECT email, phone, lang, country, zone, name, minor FROM contact_address WHERE customer = ?1;
