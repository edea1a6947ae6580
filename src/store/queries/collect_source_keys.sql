SELECT key_hash, id, enabled FROM source WHERE key_hash IS NOT NULL ORDER BY key_hash;
