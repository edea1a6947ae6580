UPDATE organisation SET name = ?1, sector = ?2, languages = ?3, customer_word = ?4, zone = ?5, configured = 1 WHERE id = 1
