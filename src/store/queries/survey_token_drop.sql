-- an invitation that nobody has
DELETE FROM survey_token WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM response r WHERE r.token = ?1);
