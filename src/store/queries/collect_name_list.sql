SELECT event, lang, text FROM name_text ORDER BY event, lang;
