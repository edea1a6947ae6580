SELECT mask, rules <> '' FROM source WHERE id = ?1;
