SELECT coalesce(sum(received), 0), coalesce(sum(stored), 0), coalesce(sum(duplicate), 0), coalesce(sum(set_aside), 0),
	coalesce(sum(refused), 0), coalesce(max(last_received_ms), 0), coalesce(sum(erased), 0) FROM source_count;
