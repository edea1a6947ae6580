SELECT mask FROM source WHERE id = ?1;
