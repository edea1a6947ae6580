SELECT reason, count(*) FROM contact_decision WHERE round = ?1 AND round > 0 AND reminder = 0 GROUP BY reason ORDER BY reason;
