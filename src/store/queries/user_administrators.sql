SELECT count(*) FROM user WHERE role = 4 AND disabled = 0
