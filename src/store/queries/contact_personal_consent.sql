SELECT c.channel, c.address, c.state, c.source, c.at_ms FROM contact_consent c
WHERE c.address IN (SELECT email FROM contact_address WHERE customer = ?1 UNION SELECT phone FROM contact_address WHERE customer = ?1)
	AND c.address <> '' ORDER BY c.id
