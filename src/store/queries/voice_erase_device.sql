DELETE FROM response WHERE anonymous = ?1 AND ?1 <> ''
