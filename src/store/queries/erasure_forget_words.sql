DELETE FROM erasure_word WHERE erasure = ?1
