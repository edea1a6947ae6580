UPDATE survey SET started = started + ?2, completed = completed + ?3 WHERE id = ?1
