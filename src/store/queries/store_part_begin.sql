-- what may be undone without the rest of the group
SAVEPOINT part
