INSERT INTO feedback_month (month) VALUES (?1) ON CONFLICT (month) DO NOTHING
