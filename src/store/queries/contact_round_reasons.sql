SELECT reason, count(*) FROM contact_decision WHERE round = ?1 AND round > 0 AND reminder = 0 AND customer <> '' GROUP BY reason ORDER BY reason;
