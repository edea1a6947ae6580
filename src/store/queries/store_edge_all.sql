SELECT a, b FROM identity_edge;
