SELECT id, en, ar, fa, latin FROM insight_reader ORDER BY id DESC LIMIT 1
