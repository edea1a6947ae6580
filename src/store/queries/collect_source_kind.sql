SELECT kind FROM source WHERE id = ?1;
