-- an address that is another customer's too
SELECT 1 FROM contact_address WHERE (email = ?1 OR phone = ?1) AND customer <> ?2 LIMIT 1
