SELECT unit, country, zone, hours, responsible, mail, lang, changed_ms, author FROM unit_setting ORDER BY unit
