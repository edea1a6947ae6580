SELECT ref, at_ms FROM contact_hold WHERE customer = ?1
