INSERT INTO insight_reader (en, ar, fa, latin) VALUES (?1, ?2, ?3, ?4)
