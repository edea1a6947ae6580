SELECT id, type, name, channel, source FROM kind ORDER BY id;
