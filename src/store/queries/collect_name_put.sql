INSERT INTO name_text (event, lang, text) VALUES (?1, ?2, ?3) ON CONFLICT (event, lang) DO UPDATE SET text = excluded.text;
