SELECT s.id, max(v.version) FROM survey s JOIN survey_version v ON v.survey = s.id WHERE s.key = ?1 GROUP BY s.id
