SELECT received, stored, duplicate, set_aside, refused, last_received_ms, erased FROM source_count WHERE source = ?1;
