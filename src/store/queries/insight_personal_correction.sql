SELECT arrival, at_ms, judged, feeling, added AS added_json, dropped AS dropped_json FROM insight_correction WHERE arrival = ?1 ORDER BY id
