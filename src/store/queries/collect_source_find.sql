SELECT id FROM source WHERE name = ?1;
