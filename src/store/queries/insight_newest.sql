-- When the newest comment was given
SELECT max(at_ms) FROM feedback WHERE commented = 1
