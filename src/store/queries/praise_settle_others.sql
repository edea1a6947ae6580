-- Nobody else is meant by the words that colleague ?2 was found in
DELETE FROM praise WHERE arrival = ?1 AND held = 1 AND colleague <> ?2
	AND words = (SELECT words FROM praise WHERE arrival = ?1 AND colleague = ?2)
