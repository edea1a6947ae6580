DELETE FROM feedback
