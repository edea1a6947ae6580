DELETE FROM survey_token WHERE customer = ?1
