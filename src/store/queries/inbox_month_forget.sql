DELETE FROM feedback_month
