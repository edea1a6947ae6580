INSERT INTO praise (arrival, colleague, words, unit, at_ms, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
