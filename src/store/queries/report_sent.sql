UPDATE report SET sent_week = ?2 WHERE id = ?1 AND sent_week < ?2
