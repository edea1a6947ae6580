SELECT count(*) FROM segment
