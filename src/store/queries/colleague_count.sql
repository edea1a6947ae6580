SELECT count(*) FROM colleague
