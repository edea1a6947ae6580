-- How comment ?1 was read; no row: not yet
SELECT lang, sentiment FROM insight_comment WHERE arrival = ?1
