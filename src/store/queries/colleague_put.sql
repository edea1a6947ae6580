UPDATE colleague SET name = ?1, spellings = ?2, unit = ?3, login = ?4, mail = ?5, lang = ?6, changed_ms = ?7, author = ?8 WHERE id = ?9
