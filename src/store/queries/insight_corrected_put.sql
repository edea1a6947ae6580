INSERT OR REPLACE INTO insight_corrected (arrival, step, feeling, added, dropped, chosen, at_ms, author) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
