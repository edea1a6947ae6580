SELECT id, asked_ms, coalesce(done_ms, 0), state, author, reason FROM erasure ORDER BY id DESC LIMIT ?1
