UPDATE survey SET state = ?2, state_ms = ?3 WHERE key = ?1
