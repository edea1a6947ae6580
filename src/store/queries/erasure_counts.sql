SELECT kind, n FROM erasure_count WHERE erasure = ?1 ORDER BY kind
