SELECT word FROM erasure_word WHERE erasure = ?1
