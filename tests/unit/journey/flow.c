/* The directly-follows graph and variants against their slow twins. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

static int by_double(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static double quantile(double *v, size_t n, double q)
{
	qsort(v, n, sizeof *v, by_double);
	const double h = (double)(n - 1) * q;
	const size_t i = (size_t)h;
	return i + 1 < n ? v[i] + (h - (double)i) * (v[i + 1] - v[i]) : v[i];
}

/* Every number of a graph, recounted from cases. */
static void check_dfg(const struct journey_dfg *g, const struct journey_query *q, const struct ocase *cases, size_t n,
                      struct arena *a)
{
	int64_t events = 0, customers = 0, edges = 0, starts = 0, ends = 0;
	for (size_t i = 0; i < n; i++) {
		events += (int64_t)cases[i].n;
		bool seen = false;
		for (size_t k = 0; k < i; k++) seen |= cases[k].customer == cases[i].customer;
		customers += !seen;
	}
	assert_int_equal(g->events, events);
	assert_int_equal(g->cases, n);
	assert_int_equal(g->customers, customers);
	for (size_t x = 0; x < g->n_activities; x++) {
		int64_t count = 0, start = 0, end = 0, people = 0;
		uint32_t last = 0;
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < cases[i].n; k++) {
				if (!str_eq(g->activities[x].name, str_of(oactivity(q, cases[i].rows[k])))) continue;
				count++;
				people += last != cases[i].customer; /* cases stand together by customer */
				last = cases[i].customer;
				start += k == 0;
				end += k + 1 == cases[i].n;
			}
		}
		assert_int_equal(g->activities[x].count, count);
		assert_int_equal(g->activities[x].customers, people);
		assert_int_equal(g->starts[x], start);
		assert_int_equal(g->ends[x], end);
		if (x) assert_true(g->activities[x - 1].count >= count);
		events -= count;
		starts += start;
		ends += end;
	}
	assert_int_equal(events, 0);
	assert_int_equal(starts, n);
	assert_int_equal(ends, n);
	double *times = ARENA_ARRAY(a, double, (size_t)g->events + 1);
	for (size_t x = 0; x < g->n_edges; x++) {
		const struct journey_edge *e = &g->edges[x];
		size_t count = 0;
		int64_t people = 0;
		uint32_t last = 0;
		double sum = 0;
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 1; k < cases[i].n; k++) {
				if (!str_eq(g->activities[e->from].name, str_of(oactivity(q, cases[i].rows[k - 1]))))
					continue;
				if (!str_eq(g->activities[e->to].name, str_of(oactivity(q, cases[i].rows[k]))))
					continue;
				times[count] = (double)(cases[i].rows[k]->at_ms - cases[i].rows[k - 1]->at_ms);
				sum += times[count++];
				people += last != cases[i].customer;
				last = cases[i].customer;
			}
		}
		assert_int_equal(e->count, count);
		assert_int_equal(e->customers, people);
		assert_near(e->mean_ms, sum / (double)count, 1e-9 * (1 + sum));
		const double p50 = quantile(times, count, 0.5), p90 = quantile(times, count, 0.9);
		assert_near(e->p50_ms, p50, 0.02 * p50 + 1e-9);
		assert_near(e->p90_ms, p90, 0.02 * p90 + 1e-9);
		edges += (int64_t)count;
	}
	assert_int_equal(edges, g->events - g->cases);
}

static bool same_sequence(const struct journey_query *q, const struct ocase *x, const struct ocase *y)
{
	if (x->n != y->n) return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(oactivity(q, x->rows[i]), oactivity(q, y->rows[i])) != 0) return false;
	return true;
}

static void check_variants(const struct journey_variants *v, const struct journey_query *q, const struct ocase *cases,
                           size_t n)
{
	int64_t distinct = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++) seen = same_sequence(q, &cases[k], &cases[i]);
		distinct += !seen;
	}
	assert_int_equal(v->variants, distinct);
	assert_int_equal(v->n_top, distinct);
	for (size_t t = 0; t < v->n_top; t++) {
		int64_t count = 0;
		for (size_t i = 0; i < n; i++) {
			bool same = cases[i].n == v->top[t].n_steps;
			for (size_t k = 0; same && k < cases[i].n; k++)
				same = str_eq(v->activities[v->top[t].steps[k]],
				              str_of(oactivity(q, cases[i].rows[k])));
			count += same;
		}
		assert_int_equal(v->top[t].count, count);
		if (t) assert_true(v->top[t - 1].count >= count);
		sum += count;
	}
	assert_int_equal(sum, n);
}

/* Runs the flow over all parts, dealt to two accumulators that are then merged. */
static struct journey_flow *run(const struct journey_plan *p, struct journey_columns *c, size_t parts, struct arena *a)
{
	struct journey_flow *f[2] = { journey_flow_new(p, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS),
		                      journey_flow_new(p, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS) };
	assert_non_null(f[0]);
	assert_non_null(f[1]);
	for (size_t i = 0; i < parts; i++) journey_flow_add(f[i % 2], &c[i]);
	journey_flow_merge(f[0], f[1]);
	journey_flow_free(f[1]);
	return f[0];
}

static void random_logs_agree_with_the_slow_twins(void **state)
{
	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct arena a;
		arena_init(&a, 256 * MIB);
		struct olog l;
		olog_make(&l, &a, seed,
		          &(struct oshape){ .customers = 1 + (int)(seed % 7),
		                            .events_max = 12,
		                            .activities = 2 + (int)(seed % 5),
		                            .tick_ms = 100 });
		struct oquestion o;
		oquestion_make(&o, seed, seed % 2);
		struct journey_columns c[3];
		struct journey_schema s;
		olog_columns(&l, 3, &a, c, &s);
		struct err err;
		struct journey_plan *p;
		if (journey_plan_new(&o.q, &s, &a, &p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
		for (int i = 0; o.q.rules && i < 3; i++) {
			uint16_t *codes = ARENA_ARRAY(&a, uint16_t, c[i].n_rows);
			journey_fill(p, &c[i], codes);
			c[i].touchpoints = codes;
		}
		if (seed % 200 == 0) print_message("seed %d\n", (int)seed);
		struct journey_flow *f = run(p, c, 3, &a);
		size_t n;
		const struct ocase *cases = ocases(&l, &o.q, &a, &n);
		struct journey_dfg g;
		struct journey_variants v;
		assert_int_equal(journey_flow_dfg(f, &a, &g, &err), OK);
		assert_int_equal(journey_flow_variants(f, 10000, &a, &v, &err), OK);
		check_dfg(&g, &o.q, cases, n, &a);
		check_variants(&v, &o.q, cases, n);
		double *pos;
		assert_int_equal(journey_flow_positions(f, &g, &a, &pos, &err), OK);
		for (size_t x = 0; x < g.n_activities; x++) {
			double sum = 0;
			for (size_t i = 0; i < n; i++)
				for (size_t k = 0; k < cases[i].n; k++)
					if (str_eq(g.activities[x].name, str_of(oactivity(&o.q, cases[i].rows[k]))))
						sum += ((double)k + 0.5) / (double)cases[i].n;
			assert_near(pos[x], sum / (double)g.activities[x].count, 1e-8);
		}
		journey_flow_free(f);
		arena_done(&a);
	}
}

static void many_durations_keep_quantiles_within_two_percent(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct rng r;
		rng_init(&r, seed, 0);
		struct journey_durations d = { 0 }, parts[3] = { { 0 } };
		static double v[5000];
		const size_t n = 100 + rng_below(&r, 4900);
		double sum = 0;
		for (size_t i = 0; i < n; i++) {
			const int64_t ms = (int64_t)exp(rng_unit(&r) * 24);
			v[i] = (double)ms;
			sum += v[i];
			journey_durations_add(&parts[rng_below(&r, 3)], ms);
		}
		for (int i = 0; i < 3; i++) journey_durations_merge(&d, &parts[i]);
		assert_int_equal(d.n, n);
		assert_near((double)d.sum, sum, 0.5);
		for (int q = 0; q <= 10; q++) {
			const double want = quantile(v, n, q / 10.0);
			assert_near(journey_durations_quantile(&d, q / 10.0), want, 0.02 * want + 0.6);
		}
		for (int i = 0; i < 3; i++) journey_durations_done(&parts[i]);
		journey_durations_done(&d);
	}
}

static void the_median_has_an_interval_from_order_statistics(void **state)
{
	/* Conover, Practical Nonparametric Statistics: for n = 10 the 2nd and 9th values hold the median with 97.9 %.
	 */
	struct journey_durations d = { 0 };
	for (int i = 1; i <= 10; i++) journey_durations_add(&d, i * 10);
	struct journey_times t;
	journey_durations_times(&d, &t);
	assert_near(t.p50, 55, 1e-9);
	assert_near(t.p50_lo, 20, 1e-9);
	assert_near(t.p50_hi, 90, 1e-9);
	journey_durations_done(&d);
	for (int i = 1; i <= 5; i++) journey_durations_add(&d, i);
	journey_durations_times(&d, &t);
	assert_near(t.p50_lo, 3, 0);
	assert_near(t.p50_hi, 3, 0);
	journey_durations_done(&d);
}

static void an_impossible_question_is_refused_by_name(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct olog l;
	olog_make(&l, &a, 1, &(struct oshape){ 2, 5, 2, 10, false });
	struct journey_columns c[1];
	struct journey_schema s;
	olog_columns(&l, 1, &a, c, &s);
	struct journey_plan *p;
	struct err err;
	struct journey_query q = { .from_ms = 5, .to_ms = 5 };
	assert_int_equal(journey_plan_new(&q, &s, &a, &p, &err), ERR_INPUT);
	assert_string_equal(err.field, "to");
	q = (struct journey_query){
		.from_ms = 0, .to_ms = 5, .by = JOURNEY_BY_INSTANCE, .instance = { .cut = JOURNEY_CUT_GAP }
	};
	assert_int_equal(journey_plan_new(&q, &s, &a, &p, &err), ERR_INPUT);
	assert_string_equal(err.field, "gap");
	q.instance = (struct journey_instance_rule){ .cut = JOURNEY_CUT_KEY, .key = STR("order") };
	assert_int_equal(journey_plan_new(&q, &s, &a, &p, &err), ERR_INPUT);
	assert_string_equal(err.field, "case");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twins),
		cmocka_unit_test(many_durations_keep_quantiles_within_two_percent),
		cmocka_unit_test(the_median_has_an_interval_from_order_statistics),
		cmocka_unit_test(an_impossible_question_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
