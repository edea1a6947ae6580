INSERT INTO colleague (name, spellings, unit, login, mail, lang, changed_ms, author, from_arrival) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
