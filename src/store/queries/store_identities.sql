SELECT id, anonymous, external FROM identity ORDER BY id;
