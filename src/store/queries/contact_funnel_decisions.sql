-- of those who were not erased since, as in every count of who was asked and answered (docs/erasure.md)
SELECT channel, count(*), sum(reason IN (0, ?3, ?4)), sum(reason = 0) FROM contact_decision
WHERE survey = ?1 AND at_ms >= ?2 AND reminder = 0 AND customer <> '' GROUP BY channel ORDER BY channel;
