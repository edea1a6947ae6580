-- and its fsync
COMMIT
