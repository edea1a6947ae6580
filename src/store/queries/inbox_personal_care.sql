SELECT arrival, state, changed_ms FROM feedback_care WHERE arrival = ?1
