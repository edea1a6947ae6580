SELECT (SELECT coalesce(sum(n), 0) FROM event_block), (SELECT coalesce(sum(stored), 0) FROM source_count),
	(SELECT count(*) FROM set_aside), (SELECT count(*) FROM event_block);
