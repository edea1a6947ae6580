DELETE FROM insight_comment WHERE arrival = ?1
