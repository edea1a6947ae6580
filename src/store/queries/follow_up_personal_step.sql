SELECT s.follow_up, s.at_ms, s.author, s.what, s.text FROM follow_up_step s JOIN follow_up f ON f.id = s.follow_up
WHERE f.identity = ?1 ORDER BY s.id
