-- When the first and the newest comment were given
SELECT (SELECT min(at_ms) FROM feedback WHERE commented = 1), (SELECT max(at_ms) FROM feedback WHERE commented = 1)
