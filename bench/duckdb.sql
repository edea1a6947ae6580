-- load [setup]
CREATE TABLE ev AS SELECT * FROM read_csv('events.csv', header=false, columns={'customer':'UINTEGER','ts':'BIGINT','id':'UINTEGER','tp':'UTINYINT','ch':'UTINYINT','score':'UTINYINT'}) ORDER BY customer, ts, id
-- checkpoint [setup]
CHECKPOINT
-- dfg.window
SELECT a, b, count(*) n, avg(gap) mean_ms, quantile_cont(gap,0.5) p50, quantile_cont(gap,0.9) p90 FROM (SELECT lag(tp) OVER w a, tp b, ts - lag(ts) OVER w gap FROM ev WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE a IS NOT NULL GROUP BY a, b ORDER BY n DESC, a, b
-- dfg.streaming
SELECT a, b, count(*) n, avg(gap) mean_ms, quantile_cont(gap,0.5) p50, quantile_cont(gap,0.9) p90 FROM (SELECT customer c, lag(customer) OVER () pc, lag(tp) OVER () a, tp b, ts - lag(ts) OVER () gap FROM ev) WHERE pc=c GROUP BY a, b ORDER BY n DESC, a, b
-- dfg-counts.window
SELECT a, b, count(*) n, avg(gap) mean_ms FROM (SELECT lag(tp) OVER w a, tp b, ts - lag(ts) OVER w gap FROM ev WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE a IS NOT NULL GROUP BY a, b ORDER BY n DESC, a, b
-- dfg-counts.streaming
SELECT a, b, count(*) n, avg(gap) mean_ms FROM (SELECT customer c, lag(customer) OVER () pc, lag(tp) OVER () a, tp b, ts - lag(ts) OVER () gap FROM ev) WHERE pc=c GROUP BY a, b ORDER BY n DESC, a, b
-- variants.hash
SELECT n, l FROM (SELECT h, l, count(*) n FROM (SELECT customer, count(*) l, sum(hash(tp, rn)::HUGEINT) h FROM (SELECT customer, tp, row_number() OVER (PARTITION BY customer ORDER BY ts, id) rn FROM ev) GROUP BY customer) GROUP BY h, l) ORDER BY n DESC LIMIT 20
-- variants.lists
SELECT n, len(seq) l FROM (SELECT seq, count(*) n FROM (SELECT customer, list(tp ORDER BY ts, id) seq FROM ev GROUP BY customer) GROUP BY seq) ORDER BY n DESC LIMIT 20
-- variants-cut.hash
SELECT n, l FROM (SELECT h, l, count(*) n FROM (SELECT customer, count(*) l, sum(hash(tp, rn)::HUGEINT) h FROM (SELECT customer, tp, row_number() OVER (PARTITION BY customer ORDER BY ts, id) rn FROM ev) WHERE rn <= 10 GROUP BY customer) GROUP BY h, l) ORDER BY n DESC LIMIT 20
-- funnel.windows
WITH f AS (SELECT customer, ts, id, tp FROM ev WHERE tp IN (0,1,2,3,5)), a AS (SELECT *, max(CASE WHEN tp=0 THEN ts END) OVER (PARTITION BY customer ORDER BY ts, id ROWS UNBOUNDED PRECEDING) s1 FROM f), b AS (SELECT *, max(CASE WHEN tp=1 AND ts-s1<=604800000 THEN s1 END) OVER (PARTITION BY customer ORDER BY ts, id ROWS UNBOUNDED PRECEDING) s2 FROM a), c AS (SELECT *, max(CASE WHEN tp=2 AND ts-s2<=604800000 THEN s2 END) OVER (PARTITION BY customer ORDER BY ts, id ROWS UNBOUNDED PRECEDING) s3 FROM b), d AS (SELECT *, max(CASE WHEN tp=3 AND ts-s3<=604800000 THEN s3 END) OVER (PARTITION BY customer ORDER BY ts, id ROWS UNBOUNDED PRECEDING) s4 FROM c), e AS (SELECT customer, bool_or(s1 IS NOT NULL) l1, bool_or(s2 IS NOT NULL) l2, bool_or(s3 IS NOT NULL) l3, bool_or(s4 IS NOT NULL) l4, bool_or(tp=5 AND ts-s4<=604800000) l5 FROM d GROUP BY customer) SELECT count(*) FILTER (l1) c1, count(*) FILTER (l2) c2, count(*) FILTER (l3) c3, count(*) FILTER (l4) c4, count(*) FILTER (l5) c5 FROM e
-- retention.join
SELECT cohort, wk-cohort AS "off", count(*) n FROM (SELECT DISTINCT customer, (ts-1735689600000)//604800000 wk FROM ev) x JOIN (SELECT customer, min((ts-1735689600000)//604800000) cohort FROM ev GROUP BY customer) y USING (customer) GROUP BY ALL ORDER BY 1, 2
-- scores.group
SELECT tp, ch, count(*) n, count(score) ns, avg(score) mean, stddev_samp(score) sd FROM ev GROUP BY tp, ch ORDER BY tp, ch
-- segment-dfg.window
SELECT a, b, count(*) n, avg(gap) mean_ms, quantile_cont(gap,0.5) p50, quantile_cont(gap,0.9) p90 FROM (SELECT lag(tp) OVER w a, tp b, ts - lag(ts) OVER w gap FROM ev WHERE customer IN (SELECT customer FROM ev WHERE tp=17) WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE a IS NOT NULL GROUP BY a, b ORDER BY n DESC, a, b
-- segment-dfg.streaming
SELECT a, b, count(*) n, avg(gap) mean_ms, quantile_cont(gap,0.5) p50, quantile_cont(gap,0.9) p90 FROM (SELECT customer c, lag(customer) OVER () pc, lag(tp) OVER () a, tp b, ts - lag(ts) OVER () gap FROM (SELECT customer, tp, ts FROM ev WHERE customer IN (SELECT customer FROM ev WHERE tp=17))) WHERE pc=c GROUP BY a, b ORDER BY n DESC, a, b
-- lift.join
SELECT tp, count(*) n, sum(o) reached FROM (SELECT DISTINCT customer, tp FROM ev) x JOIN (SELECT customer, max((tp=33)::INT) o FROM ev GROUP BY customer) y USING (customer) GROUP BY tp ORDER BY tp
-- timeline.where
SELECT * FROM ev WHERE customer=12345 ORDER BY ts, id
