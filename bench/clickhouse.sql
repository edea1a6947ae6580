-- create [setup]
CREATE TABLE default.ev (customer UInt32, ts Int64, id UInt32, tp UInt8, ch UInt8, score Nullable(UInt8)) ENGINE=MergeTree ORDER BY (customer, ts, id)
-- load [setup]
INSERT INTO default.ev SELECT * FROM file('events.csv', 'CSV', 'customer UInt32, ts Int64, id UInt32, tp UInt8, ch UInt8, score Nullable(UInt8)') SETTINGS input_format_csv_empty_as_default=1
-- merge [setup]
OPTIMIZE TABLE default.ev FINAL
-- dfg.groupArray
SELECT a, b, count() n, avg(gap) mean_ms, quantileExactInclusive(0.5)(gap) p50, quantileExactInclusive(0.9)(gap) p90 FROM (SELECT arraySort(groupArray((ts, id, tp))) s FROM ev GROUP BY customer SETTINGS optimize_aggregation_in_order=1) ARRAY JOIN arrayPopBack(s.3) AS a, arrayPopFront(s.3) AS b, arrayPopFront(arrayDifference(s.1)) AS gap GROUP BY a, b ORDER BY n DESC, a, b
-- dfg.window
SELECT a, b, count() n, avg(gap) mean_ms, quantileExactInclusive(0.5)(gap) p50, quantileExactInclusive(0.9)(gap) p90 FROM (SELECT lagInFrame(tp) OVER w a, tp b, ts - lagInFrame(ts) OVER w gap, row_number() OVER w rn FROM ev WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE rn > 1 GROUP BY a, b ORDER BY n DESC, a, b
-- dfg-counts.window
SELECT a, b, count() n, avg(gap) mean_ms FROM (SELECT lagInFrame(tp) OVER w a, tp b, ts - lagInFrame(ts) OVER w gap, row_number() OVER w rn FROM ev WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE rn > 1 GROUP BY a, b ORDER BY n DESC, a, b
-- dfg-counts.groupArray
SELECT a, b, count() n, avg(gap) mean_ms FROM (SELECT arraySort(groupArray((ts, id, tp))) s FROM ev GROUP BY customer SETTINGS optimize_aggregation_in_order=1) ARRAY JOIN arrayPopBack(s.3) AS a, arrayPopFront(s.3) AS b, arrayPopFront(arrayDifference(s.1)) AS gap GROUP BY a, b ORDER BY n DESC, a, b
-- variants.groupArray
SELECT n, length(seq) l FROM (SELECT seq, count() n FROM (SELECT arrayMap(x -> x.3, arraySort(groupArray((ts, id, tp)))) seq FROM ev GROUP BY customer SETTINGS optimize_aggregation_in_order=1) GROUP BY seq) ORDER BY n DESC LIMIT 20
-- variants-cut.groupArray
SELECT n, length(seq) l FROM (SELECT seq, count() n FROM (SELECT arraySlice(arrayMap(x -> x.3, arraySort(groupArray((ts, id, tp)))), 1, 10) seq FROM ev GROUP BY customer SETTINGS optimize_aggregation_in_order=1) GROUP BY seq) ORDER BY n DESC LIMIT 20
-- funnel.windowFunnel
SELECT countIf(l>=1), countIf(l>=2), countIf(l>=3), countIf(l>=4), countIf(l>=5) FROM (SELECT windowFunnel(81174882028617727)(toUInt64(ts - 1735689600000) * 134217728 + id, tp=0, tp=1, tp=2, tp=3, tp=5) l FROM ev WHERE tp IN (0,1,2,3,5) GROUP BY customer)
-- retention.groupUniqArray
SELECT cohort, wk-cohort off, count() n FROM (SELECT groupUniqArray(toInt16(intDiv(ts-1735689600000,604800000))) w, arrayMin(w) cohort FROM ev GROUP BY customer) ARRAY JOIN w AS wk GROUP BY cohort, off ORDER BY 1, 2
-- scores.group
SELECT tp, ch, count() n, count(score) ns, avg(score) mean, stddevSamp(score) sd FROM ev GROUP BY tp, ch ORDER BY tp, ch
-- segment-dfg.window
SELECT a, b, count() n, avg(gap) mean_ms, quantileExactInclusive(0.5)(gap) p50, quantileExactInclusive(0.9)(gap) p90 FROM (SELECT lagInFrame(tp) OVER w a, tp b, ts - lagInFrame(ts) OVER w gap, row_number() OVER w rn FROM ev WHERE customer IN (SELECT customer FROM ev WHERE tp=17) WINDOW w AS (PARTITION BY customer ORDER BY ts, id)) WHERE rn > 1 GROUP BY a, b ORDER BY n DESC, a, b
-- lift.groupUniqArray
SELECT tp, count() n, sum(o) reached FROM (SELECT groupUniqArray(tp) t, max(tp=33) o FROM ev GROUP BY customer) ARRAY JOIN t AS tp GROUP BY tp ORDER BY tp
-- timeline.where
SELECT * FROM ev WHERE customer=12345 ORDER BY ts, id
