SELECT month FROM feedback_month ORDER BY month DESC
