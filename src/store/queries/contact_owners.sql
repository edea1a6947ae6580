-- customers who have a mail address or a telephone number
SELECT customer FROM contact_address WHERE (email = ?1 AND email <> '') OR (phone = ?1 AND phone <> '') ORDER BY customer LIMIT ?2;
