SELECT survey, channel, reason, count(*) FROM contact_decision WHERE at_ms >= ?1 GROUP BY survey, channel, reason ORDER BY survey, channel, reason;
