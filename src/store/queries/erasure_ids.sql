SELECT identity, anonymous, external, (SELECT count(*) FROM erasure_id WHERE erasure = ?1) FROM erasure_id WHERE erasure = ?1 ORDER BY identity
