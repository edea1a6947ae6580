INSERT INTO step_hint (event, stage, place) VALUES (?1, ?2, ?3) ON CONFLICT (event) DO UPDATE SET stage = excluded.stage, place = excluded.place;
