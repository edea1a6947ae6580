INSERT INTO insight_given_out (arrival, chosen) VALUES (?1, ?2)
ON CONFLICT (arrival) DO UPDATE SET chosen = excluded.chosen WHERE chosen <> excluded.chosen
