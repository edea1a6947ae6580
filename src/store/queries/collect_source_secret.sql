SELECT hook_secret FROM source WHERE id = ?1;
