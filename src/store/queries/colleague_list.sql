SELECT id, name, spellings, unit, login, mail, lang, from_arrival, changed_ms, author FROM colleague ORDER BY name, id
