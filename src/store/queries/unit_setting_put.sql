INSERT INTO unit_setting (unit, country, zone, hours, responsible, mail, lang, changed_ms, author) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (unit) DO UPDATE SET country = ?2, zone = ?3, hours = ?4, responsible = ?5, mail = ?6, lang = ?7, changed_ms = ?8, author = ?9
