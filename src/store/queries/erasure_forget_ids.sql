DELETE FROM erasure_id WHERE erasure = ?1
