SELECT count(*) FROM insight_comment WHERE version < ?1
