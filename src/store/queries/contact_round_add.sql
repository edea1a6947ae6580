INSERT INTO contact_round (survey, channels, lang, lang_all, whom, segment, people, author, made_ms, due_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
