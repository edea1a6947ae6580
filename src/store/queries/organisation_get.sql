SELECT name, sector, languages, customer_word, zone, configured FROM organisation WHERE id = 1
