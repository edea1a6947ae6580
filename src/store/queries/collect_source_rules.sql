SELECT rules FROM source WHERE id = ?1;
