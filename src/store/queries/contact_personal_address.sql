SELECT email, phone, lang, country, zone, name, minor, changed_ms FROM contact_address WHERE customer = ?1
