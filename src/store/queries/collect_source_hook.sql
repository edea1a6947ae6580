SELECT hook_mapping FROM source WHERE id = ?1;
