DELETE FROM session WHERE user = ?1 AND token_hash IS NOT ?2
