SELECT arrival, a, b FROM identity_change;
