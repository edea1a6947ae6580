INSERT INTO contact_address (customer, email, phone, lang, country, zone, name, minor, changed_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (customer) DO UPDATE SET email = ?2, phone = ?3, lang = ?4, country = ?5, zone = ?6, name = ?7, minor = ?8, changed_ms = ?9;
