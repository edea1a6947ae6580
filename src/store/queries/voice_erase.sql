DELETE FROM response WHERE customer = ?1 AND ?1 <> ''
