SELECT (SELECT count(*) FROM insight_comment WHERE version < ?1) + (SELECT count(*) FROM insight_comment WHERE reader < ?2 AND version >= ?1)
