SELECT customer FROM contact_address ORDER BY customer LIMIT ?1;
