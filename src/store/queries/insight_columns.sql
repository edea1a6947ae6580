-- Every comment that was read, by arrival: where it came from, its score on 0..100, how it was read
SELECT f.arrival, f.at_ms, f.identity, f.source, f.event, f.about, f.channel, f.unit, f.lang, f.utility, i.lang, i.sentiment, i.judged
FROM insight_comment i JOIN feedback f ON f.arrival = i.arrival ORDER BY i.arrival
