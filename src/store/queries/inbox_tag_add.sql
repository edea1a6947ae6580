INSERT INTO feedback_tag (arrival, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING
