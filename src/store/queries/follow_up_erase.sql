DELETE FROM follow_up WHERE identity = ?1
