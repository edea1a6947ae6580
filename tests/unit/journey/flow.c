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
		/* Exact, as long as there are at most 256. */
		const double off = count > 256 ? 0.016 : 0;
		assert_near(e->p50_ms, p50, off * p50 + 1e-9);
		assert_near(e->p90_ms, p90, off * p90 + 1e-9);
		edges += (int64_t)count;
	}
	assert_int_equal(edges, g->events - g->cases);
}

static size_t first_of(const struct ocase *c, size_t cut)
{
	return cut && c->n > cut ? cut : c->n;
}

static bool same_sequence(const struct journey_query *q, const struct ocase *x, const struct ocase *y, size_t cut)
{
	const size_t n = first_of(x, cut);
	if (n != first_of(y, cut)) return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(oactivity(q, x->rows[i]), oactivity(q, y->rows[i])) != 0) return false;
	return true;
}

static void check_variants(const struct journey_variants *v, const struct journey_query *q, const struct ocase *cases,
                           size_t n, size_t cut)
{
	int64_t distinct = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++) seen = same_sequence(q, &cases[k], &cases[i], cut);
		distinct += !seen;
	}
	assert_int_equal(v->variants, distinct);
	assert_int_equal(v->n_top, distinct);
	uint64_t before = 0;
	for (size_t t = 0; t < v->n_top; t++) {
		int64_t count = 0, customers = 0;
		uint32_t last = 0;
		uint64_t first = UINT64_MAX;
		for (size_t i = 0; i < n; i++) {
			const size_t length = first_of(&cases[i], cut);
			bool same = length == v->top[t].n_steps;
			for (size_t k = 0; same && k < length; k++)
				same = str_eq(v->activities[v->top[t].steps[k]],
				              str_of(oactivity(q, cases[i].rows[k])));
			count += same;
			customers += same && last != cases[i].customer;
			if (same) last = cases[i].customer;
			if (same && cases[i].rows[0]->arrival < first) first = cases[i].rows[0]->arrival;
		}
		assert_int_equal(v->top[t].count, count);
		assert_int_equal(v->top[t].customers, customers);
		if (t) assert_true(v->top[t - 1].count > count || (v->top[t - 1].count == count && before < first));
		before = first;
		sum += count;
		for (size_t k = 0; k < t; k++) assert_true(v->top[k].id != v->top[t].id);
	}
	assert_int_equal(sum, n);
}

enum { PARTS = 5 };

/* Runs the flow over all parts, dealt to some accumulators that are then merged. */
static struct journey_flow *run(const struct journey_plan *p, struct journey_columns *c, unsigned parts, size_t hands,
                                uint32_t cut)
{
	struct journey_flow *f[PARTS];
	for (size_t i = 0; i < hands; i++) {
		f[i] = journey_flow_new(p, parts);
		assert_non_null(f[i]);
		journey_flow_cut(f[i], cut);
	}
	for (size_t i = 0; i < PARTS; i++) journey_flow_add(f[i % hands], &c[i]);
	for (size_t i = 1; i < hands; i++) {
		journey_flow_merge(f[0], f[i]);
		journey_flow_free(f[i]);
	}
	return f[0];
}

static bool same_number(double x, double y)
{
	return x == y || (x != x && y != y);
}

static void check_same_dfg(const struct journey_dfg *g, const struct journey_dfg *h, unsigned parts)
{
	const bool means = !(parts & JOURNEY_FLOW_COUNTS), times = means && !(parts & JOURNEY_FLOW_MEANS);
	assert_int_equal(g->events, h->events);
	assert_int_equal(g->customers, h->customers);
	assert_int_equal(g->cases, h->cases);
	assert_int_equal(g->n_activities, h->n_activities);
	assert_int_equal(g->n_edges, h->n_edges);
	for (size_t i = 0; i < g->n_activities; i++) {
		assert_true(str_eq(g->activities[i].name, h->activities[i].name));
		assert_int_equal(g->activities[i].count, h->activities[i].count);
		assert_int_equal(g->activities[i].customers, h->activities[i].customers);
		assert_int_equal(g->starts[i], h->starts[i]);
		assert_int_equal(g->ends[i], h->ends[i]);
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct journey_edge *x = &g->edges[i], *y = &h->edges[i];
		assert_true(x->from == y->from && x->to == y->to);
		assert_int_equal(x->count, y->count);
		assert_int_equal(x->customers, y->customers);
		assert_true(same_number(y->mean_ms, means ? x->mean_ms : NAN));
		assert_true(same_number(y->p50_ms, times ? x->p50_ms : NAN));
		assert_true(same_number(y->p90_ms, times ? x->p90_ms : NAN));
	}
}

static void check_same_variants(const struct journey_variants *v, const struct journey_variants *w)
{
	assert_int_equal(v->variants, w->variants);
	assert_int_equal(v->n_top, w->n_top);
	for (size_t i = 0; i < v->n_top; i++) {
		assert_int_equal(v->top[i].id, w->top[i].id);
		assert_int_equal(v->top[i].count, w->top[i].count);
		assert_int_equal(v->top[i].customers, w->top[i].customers);
	}
}

/* The people behind a variant are as many as it says. */
static void check_people(const struct journey_plan *p, struct journey_columns *c, const struct journey_variants *v,
                         uint32_t cut, struct arena *a)
{
	for (size_t t = 0; t < v->n_top && t < 3; t++) {
		struct journey_variant_figure f;
		const struct journey_set *set;
		struct err err;
		assert_int_equal(journey_variant_figure(p, v->top[t].id, cut, a, &f, &err), OK);
		const struct journey_behind what = { journey_variant_holds, &f };
		void *pass = journey_behind_pass.make(p, &what);
		for (size_t i = 0; i < PARTS; i++) journey_behind_pass.add(pass, &c[i]);
		assert_int_equal(journey_behind_set(pass, &set, &err), OK);
		assert_int_equal(journey_set_n(set), v->top[t].customers);
		journey_behind_pass.free(pass);
	}
}

/* However the runs are dealt, and whatever else is asked for: the same numbers. */
static void check_dealings(const struct journey_plan *p, struct journey_columns *c, const struct journey_dfg *g,
                           const struct journey_variants *v, uint32_t cut, struct arena *a)
{
	static const unsigned parts[] = { JOURNEY_FLOW_EDGES, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS,
		                          JOURNEY_FLOW_MEANS, JOURNEY_FLOW_COUNTS | JOURNEY_FLOW_POSITIONS,
		                          JOURNEY_FLOW_VARIANTS };
	static const size_t hands[] = { 2, 5, 1, 5, 2 };
	struct err err;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct journey_flow *f = run(p, c, parts[i], hands[i], cut);
		struct journey_dfg h;
		struct journey_variants w;
		assert_int_equal(journey_flow_dfg(f, a, &h, &err), OK);
		assert_int_equal(journey_flow_variants(f, 10000, a, &w, &err), OK);
		if (parts[i] != JOURNEY_FLOW_VARIANTS) check_same_dfg(g, &h, parts[i]);
		if (parts[i] & JOURNEY_FLOW_VARIANTS) check_same_variants(v, &w);
		/* The first few are the first of all. */
		assert_int_equal(journey_flow_variants(f, 2, a, &w, &err), OK);
		for (size_t k = 0; k < w.n_top; k++) assert_int_equal(w.top[k].id, v->top[k].id);
		journey_flow_free(f);
	}
}

static void check_positions(const struct journey_flow *f, const struct journey_dfg *g, const struct journey_query *q,
                            const struct ocase *cases, size_t n, struct arena *a)
{
	double *pos;
	struct err err;
	assert_int_equal(journey_flow_positions(f, g, a, &pos, &err), OK);
	for (size_t x = 0; x < g->n_activities; x++) {
		double sum = 0;
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < cases[i].n; k++)
				if (str_eq(g->activities[x].name, str_of(oactivity(q, cases[i].rows[k]))))
					sum += ((double)k + 0.5) / (double)cases[i].n;
		assert_near(pos[x], sum / (double)g->activities[x].count, 1e-8);
	}
}

static uint64_t seed_at_hand; /* 0 when all is well */

static int say_the_seed(void **state)
{
	if (seed_at_hand) print_message("at seed %d\n", (int)seed_at_hand);
	seed_at_hand = 0;
	return 0;
}

static void one_log(uint64_t seed, const struct oshape *shape)
{
	seed_at_hand = seed;
	struct arena a;
	arena_init(&a, 256 * MIB);
	struct olog l;
	olog_make(&l, &a, seed, shape);
	struct oquestion o;
	oquestion_make(&o, seed, seed % 2);
	struct journey_set *some = journey_set_new();
	for (uint32_t i = 1; i <= 8; i++)
		if (seed >> i & 1) journey_set_add(some, i);
	if (seed % 3 == 0) o.q.segment = some;
	struct journey_columns c[PARTS];
	struct journey_schema s;
	olog_columns(&l, PARTS, &a, c, &s);
	struct err err;
	struct journey_plan *p;
	if (journey_plan_new(&o.q, &s, &a, &p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
	for (int i = 0; (o.q.rules || seed % 5) && i < PARTS; i++) {
		uint16_t *codes = ARENA_ARRAY(&a, uint16_t, c[i].n_rows);
		journey_fill(p, &c[i], codes);
		c[i].touchpoints = codes;
	}
	const uint32_t cut = seed % 4 == 0 ? (uint32_t)(seed % 5) : 0;
	struct journey_flow *f = run(p, c, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS | JOURNEY_FLOW_POSITIONS, 1, cut);
	size_t n, kept = 0;
	struct ocase *cases = ocases(&l, &o.q, &a, &n);
	for (size_t i = 0; i < n; i++)
		if (!o.q.segment || journey_set_has(some, cases[i].customer)) cases[kept++] = cases[i];
	n = kept;
	struct journey_dfg g;
	struct journey_variants v;
	assert_int_equal(journey_flow_dfg(f, &a, &g, &err), OK);
	assert_int_equal(journey_flow_variants(f, 10000, &a, &v, &err), OK);
	check_dfg(&g, &o.q, cases, n, &a);
	assert_int_equal(g.variants, v.variants);
	check_variants(&v, &o.q, cases, n, cut);
	check_positions(f, &g, &o.q, cases, n, &a);
	check_dealings(p, c, &g, &v, cut, &a);
	check_people(p, c, &v, cut, &a);
	journey_flow_free(f);
	journey_set_free(some);
	arena_done(&a);
	seed_at_hand = 0;
}

#ifndef FLOW_LOGS
#define FLOW_LOGS 10000
#endif

static void random_logs_agree_with_the_slow_twins(void **state)
{
	for (uint64_t seed = 1; seed <= FLOW_LOGS; seed++)
		one_log(seed, &(struct oshape){ .customers = 1 + (int)(seed % 7),
		                                .events_max = 1 + (int)(seed % 12),
		                                .activities = 1 + (int)(seed % 6),
		                                .tick_ms = 100 });
}

/* Edges with more than 256 durations: classes, in some of the accumulators or in all. */
static void long_logs_agree_with_the_slow_twins(void **state)
{
	for (uint64_t seed = 20001; seed <= 20012; seed++)
		one_log(seed,
		        &(struct oshape){
		                .customers = 9, .events_max = 300, .activities = 1 + (int)(seed % 2), .tick_ms = 100 });
}

/* Tables by pairs of activities are laid out otherwise where these are many. */
static void many_activities_agree_with_the_slow_twins(void **state)
{
	static const int activities[] = { 120, 200, 3000 };
	for (uint64_t seed = 0; seed < 6; seed++)
		one_log(30001 + seed, &(struct oshape){ .customers = 9,
		                                        .events_max = 300,
		                                        .activities = activities[seed % 3],
		                                        .tick_ms = 100 });
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
		cmocka_unit_test_teardown(random_logs_agree_with_the_slow_twins, say_the_seed),
		cmocka_unit_test_teardown(long_logs_agree_with_the_slow_twins, say_the_seed),
		cmocka_unit_test_teardown(many_activities_agree_with_the_slow_twins, say_the_seed),
		cmocka_unit_test(many_durations_keep_quantiles_within_two_percent),
		cmocka_unit_test(the_median_has_an_interval_from_order_statistics),
		cmocka_unit_test(an_impossible_question_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
