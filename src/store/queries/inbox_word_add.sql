INSERT INTO feedback_word (text) VALUES (?1) ON CONFLICT (text) DO NOTHING
