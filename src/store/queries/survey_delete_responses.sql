DELETE FROM response WHERE survey = (SELECT id FROM survey WHERE key = ?1)
