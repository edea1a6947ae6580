INSERT OR IGNORE INTO erasure_word (erasure, word) VALUES (?1, ?2)
