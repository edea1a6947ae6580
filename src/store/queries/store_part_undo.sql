-- and is undone
ROLLBACK TO part
