SELECT id, state FROM erasure WHERE state < 2 ORDER BY id LIMIT 1
