SELECT count(*), COALESCE(sum(state = 0), 0), COALESCE(sum(state = 1), 0), COALESCE(sum(commented), 0) FROM feedback
