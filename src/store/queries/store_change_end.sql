SELECT coalesce(max(arrival) + 1, 0) FROM identity_change;
