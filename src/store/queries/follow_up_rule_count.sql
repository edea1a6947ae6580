SELECT count(*) FROM follow_up_rule WHERE deleted = 0
