SELECT step, feeling, added, dropped, chosen, at_ms, author FROM insight_corrected WHERE arrival = ?1
