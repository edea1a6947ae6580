SELECT document FROM survey_version WHERE survey = ?1 AND version = ?2
