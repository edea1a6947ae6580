-- How comment ?1 feels, with what people said of it
SELECT sentiment FROM insight_comment WHERE arrival = ?1
