DELETE FROM follow_up_step WHERE follow_up IN (SELECT id FROM follow_up WHERE identity = ?1)
