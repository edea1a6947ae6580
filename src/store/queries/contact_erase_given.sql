-- consent that was given goes; what forbids to write stays, under a hash of its address
DELETE FROM contact_consent WHERE address = ?1 AND state = 1
