SELECT name FROM source WHERE id = ?1;
