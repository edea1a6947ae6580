INSERT INTO erasure_id (erasure, identity, anonymous, external) VALUES (?1, ?2, ?3, ?4)
