/* Scores over time against their slow twin: lists of answers, and loops over pairs of them. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#define ANSWERS 4096

static const char *value_of(const struct orow *r, struct str by)
{
	if (str_eq(by, STR("channel"))) return r->channel;
	if (str_eq(by, STR("event"))) return r->event;
	return str_eq(by, STR("colour")) ? r->colour : "";
}

static bool later(const struct orow *a, const struct orow *b)
{
	return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->arrival > b->arrival;
}

/* The row that the score of row `at` of a case speaks of; NULL none. */
static const struct orow *about(const struct oasked *w, const struct ocase *c, size_t at)
{
	const struct orow *r = c->rows[at], *best = NULL;
	if (!*r->about) return r;
	if (strcmp(r->about, "journey") == 0) return NULL;
	for (size_t i = at; i-- > 0;)
		if (strcmp(c->rows[i]->event, r->about) == 0) return c->rows[i];
	for (size_t k = 0; k < w->n; k++)
		for (size_t i = 0; i < w->cases[k].n; i++) {
			const struct orow *x = w->cases[k].rows[i];
			if (x->customer == r->customer && strcmp(x->event, r->about) == 0 && later(r, x) &&
			    (!best || later(x, best)))
				best = x;
		}
	return best;
}

struct answers {
	size_t n;
	int64_t customers, up, down;
	double x[ANSWERS];
	uint32_t customer[ANSWERS];
};

static double counts_as(enum journey_rating_kind kind, const struct orow *r)
{
	const double share = (r->score - r->min) / (r->max - r->min);
	switch (kind) {
	case JOURNEY_RATING_NPS: return r->score >= 9 ? 100 : r->score >= 7 ? 0 : -100;
	case JOURNEY_RATING_CSAT: return r->score >= 4;
	case JOURNEY_RATING_CES: return 1 + 6 * share;
	default: return 100 * share;
	}
}

/* The activity that it speaks of: that of the row, else of the first rule that names the event. */
static struct str named(const struct oasked *w, const struct orow *own, const struct orow *of)
{
	if (of) return str_of(oactivity(&w->o.q, of));
	const struct journey_rules *rules = w->o.q.rules;
	for (size_t i = 0; rules && *own->about && i < rules->n_rules; i++)
		if (str_eq(rules->rules[i].event, str_of(own->about)))
			return rules->touchpoints[rules->rules[i].touchpoint - 1].key;
	return STR("(journey)");
}

static bool belongs(const struct oasked *w, const struct journey_series_query *q, struct str line,
                    const struct orow *own, const struct orow *of)
{
	if (q->touchpoint.len && !str_eq(named(w, own, of), q->touchpoint)) return false;
	if (str_eq(q->by, STR("touchpoint"))) return str_eq(named(w, own, of), line);
	const char *value = of ? value_of(of, q->by) : "";
	return str_eq(str_of(*value ? value : value_of(own, q->by)), line);
}

static void collect(const struct oasked *w, const struct journey_series_query *q, struct str line, int64_t from,
                    int64_t to, struct answers *s)
{
	*s = (struct answers){ .n = 0 };
	for (size_t k = 0; k < w->n + w->n_loose; k++)
		for (size_t i = 0; i < w->cases[k].n; i++) {
			const struct orow *r = w->cases[k].rows[i];
			if (isnan(r->score) || r->at_ms < from || r->at_ms >= to) continue;
			if (q->kind != JOURNEY_RATING_PLAIN && orating_kind(r) != q->kind) continue;
			if (!belongs(w, q, line, r, about(w, &w->cases[k], i))) continue;
			bool seen = false;
			for (size_t x = 0; x < s->n; x++) seen |= s->customer[x] == r->customer;
			s->customers += !seen;
			s->customer[s->n] = r->customer;
			s->x[s->n] = counts_as(q->kind, r);
			s->up += s->x[s->n] > (q->kind == JOURNEY_RATING_NPS ? 50 : 0.5);
			s->down += s->x[s->n] < (q->kind == JOURNEY_RATING_NPS ? -50 : 0.5);
			s->n++;
		}
}

static double mean_of(const struct answers *s)
{
	double t = 0;
	for (size_t i = 0; i < s->n; i++) t += s->x[i];
	return t / (double)s->n;
}

/* Sum over customers of (their residuals in a) x (their residuals in b), through pairs of answers. */
static double shared(const struct answers *a, const struct answers *b)
{
	const double ma = mean_of(a), mb = mean_of(b);
	double t = 0;
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->customer[i] == b->customer[k]) t += (a->x[i] - ma) * (b->x[k] - mb);
	return t / (double)a->n / (double)b->n;
}

static struct stats_group group_of(const struct answers *s)
{
	const double m = (double)s->customers;
	return (struct stats_group){ .mean = mean_of(s),
		                     .se = m > 1 ? sqrt(m / (m - 1) * fmax(0, shared(s, s))) : NAN,
		                     .n = (int64_t)s->n,
		                     .clusters = s->customers };
}

static void score_of(enum journey_rating_kind kind, const struct answers *s, struct stats_estimate *e)
{
	const struct stats_group g = group_of(s);
	const double n = (double)s->n;
	double alone = 0, worth = n;
	for (size_t i = 0; i < s->n; i++) alone += (s->x[i] - g.mean) * (s->x[i] - g.mean) / n / (n - 1);
	if (s->customers < (int64_t)s->n)
		worth = alone > 1e-12 && g.se > 1e-9 ? fmin(n, n * alone / (g.se * g.se)) : (double)s->customers;
	const int64_t all = (int64_t)s->n;
	if (kind == JOURNEY_RATING_NPS)
		assert_int_equal(stats_nps_worth(&(struct stats_nps_counts){ s->up, all - s->up - s->down, s->down },
		                                 worth, e, NULL),
		                 OK);
	else if (kind == JOURNEY_RATING_CSAT)
		assert_int_equal(stats_share_worth((struct stats_count){ s->up, all }, worth, e, NULL), OK);
	else stats_mean_group(&g, e);
}

static void check_diff(enum journey_rating_kind kind, const struct answers *now, const struct answers *before,
                       const struct journey_series_point *x)
{
	const struct stats_group a = group_of(now), b = group_of(before);
	bool together = false;
	for (size_t i = 0; i < now->n; i++)
		for (size_t k = 0; k < before->n; k++) together |= now->customer[i] == before->customer[k];
	const double cov = together ? shared(now, before) : 0;
	struct stats_estimate want, ea, eb;
	double p;
	stats_diff_groups(&a, &b, together ? sqrt(fmax(0, a.se * a.se + b.se * b.se - 2 * cov)) : NAN, &want, &p);
	assert_near(x->p, p, 1e-4);
	if (kind == JOURNEY_RATING_NPS || kind == JOURNEY_RATING_CSAT) {
		score_of(kind, now, &ea);
		score_of(kind, before, &eb);
		const double both = a.se * b.se;
		stats_mover_diff(&ea, &eb, both > 1e-9 ? cov / both : 0, &want);
	}
	assert_int_equal((x->diff.flags ^ want.flags) & STATS_NOT_IDENTIFIED, 0);
	if (want.flags & STATS_NOT_IDENTIFIED) return;
	assert_near(x->diff.est, want.est, 1e-5);
	assert_near(x->diff.lo, want.lo, 1e-3);
	assert_near(x->diff.hi, want.hi, 1e-3);
	if (x->distinguishable) assert_true(x->p_adjusted <= 0.05 && (x->diff.lo > 0 || x->diff.hi < 0));
	assert_true(x->p_adjusted >= x->p - 1e-12);
}

static void check_point(const struct oasked *w, const struct journey_series_query *q, struct str line, size_t period,
                        const struct journey_series_point *x)
{
	static struct answers now, before;
	collect(w, q, line, q->bounds[period], q->bounds[period + 1], &now);
	assert_int_equal(x->n, now.n);
	assert_int_equal(x->customers, now.customers);
	assert_int_equal(x->complete, q->bounds[period] >= w->o.q.from_ms && q->bounds[period + 1] <= w->o.q.to_ms &&
	                                      q->bounds[period + 1] <= q->newest_ms);
	if (now.n < 5) {
		assert_true(x->score.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
		assert_true(x->diff.flags & STATS_NOT_IDENTIFIED);
		return;
	}
	struct stats_estimate want;
	score_of(q->kind, &now, &want);
	assert_near(x->score.est, want.est, 1e-5);
	if (q->kind == JOURNEY_RATING_PLAIN) stats_on_scale(&want, (struct interval){ 0, 100 });
	if (q->kind == JOURNEY_RATING_CES) stats_on_scale(&want, (struct interval){ 1, 7 });
	assert_near(x->score.lo, want.lo, 1e-4);
	assert_near(x->score.hi, want.hi, 1e-4);
	if (period == 0) return;
	collect(w, q, line, q->bounds[period - 1], q->bounds[period], &before);
	if (before.n >= 5) check_diff(q->kind, &now, &before, x);
	else assert_true(x->diff.flags & STATS_NOT_IDENTIFIED);
}

static void check_trend(const struct journey_series_query *q, const struct journey_series_line *l)
{
	double figures[64];
	struct stats_trend want;
	struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t j = 0; j + 1 < q->n_bounds; j++) {
		figures[j] = NAN;
		for (size_t i = 0; i < l->n_points; i++)
			if (l->points[i].start_ms == q->bounds[j] && l->points[i].complete && l->points[i].n >= 5)
				figures[j] = l->points[i].score.est;
	}
	assert_int_equal(stats_mann_kendall(figures, q->n_bounds - 1, 1, &a, &want, NULL), OK);
	assert_int_equal(l->trend.s, want.s);
	assert_near(l->trend.p, want.p, 1e-12);
	assert_true(l->direction == 0 || l->trend_p_adjusted <= 0.05);
	arena_done(&a);
}

static void check_people(const struct oasked *w, const struct journey_series_query *q, struct str line, size_t period)
{
	static struct answers s;
	struct journey_series_query of = *q;
	struct journey_series_plan *plan;
	struct err err;
	struct arena a;
	of.people = true;
	of.value = line;
	of.start_ms = q->bounds[period];
	arena_init(&a, 1 << 20);
	assert_int_equal(journey_series_plan(w->plan, &of, &a, &plan, &err), OK);
	void *pass = oasked_run(w, w->plan, &journey_series_pass, plan);
	collect(w, q, line, q->bounds[period], q->bounds[period + 1], &s);
	oasked_same_people(journey_series_people(pass), s.customer, s.n);
	journey_series_pass.free(pass);
	of.start_ms++;
	assert_int_equal(journey_series_plan(w->plan, &of, &a, &plan, &err), ERR_INPUT);
	arena_done(&a);
}

static uint64_t seed_at_hand; /* 0 when all is well */

static int say_the_seed(void **state)
{
	if (seed_at_hand) print_message("at seed %d\n", (int)seed_at_hand);
	seed_at_hand = 0;
	return 0;
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	static const char *const by[] = { "", "touchpoint", "channel", "colour", "event" };
	int64_t compared = 0;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		seed_at_hand = seed;
		struct oasked w;
		struct journey_series_plan *plan;
		struct journey_series r;
		struct err err;
		struct rng random;
		int64_t bounds[9];
		rng_init(&random, seed, 9);
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 2 + (int)(seed % 40),
		                              .events_max = 1 + (int)(seed % 20),
		                              .activities = 1 + (int)(seed % 3),
		                              .tick_ms = 100,
		                              .evidence = true },
		            seed % 2);
		const size_t n = 2 + rng_below(&random, 7);
		for (size_t i = 0; i < n; i++) bounds[i] = 500 + (int64_t)i * 4500 / (int64_t)(n - 1);
		struct journey_series_query q = { .kind = (enum journey_rating_kind)(seed % JOURNEY_RATING_KINDS),
			                          .bounds = bounds,
			                          .n_bounds = n,
			                          .newest_ms = w.log.newest_ms,
			                          .by = str_of(by[seed / 4 % 5]) };
		if (seed % 7 == 0) q.touchpoint = oasked_activity(&w, &random);
		assert_int_equal(journey_series_plan(w.plan, &q, &w.a, &plan, &err), OK);
		void *pass = oasked_run(&w, w.plan, &journey_series_pass, plan);
		assert_int_equal(journey_series_result(pass, &w.a, &r, &err), OK);
		static struct answers one;
		for (size_t i = 0; i < r.n_lines; i++) {
			const struct journey_series_line *l = &r.lines[i];
			size_t met = 0;
			if (i) assert_true(r.lines[i - 1].n >= l->n);
			for (size_t j = 0; j + 1 < n; j++) {
				const bool here = met < l->n_points && l->points[met].start_ms == bounds[j];
				collect(&w, &q, l->name, bounds[j], bounds[j + 1], &one);
				assert_int_equal(here, one.n > 0);
				if (!here) continue;
				check_point(&w, &q, l->name, j, &l->points[met]);
				compared += !(l->points[met].diff.flags & STATS_NOT_IDENTIFIED);
				if (i == 0 && met == 0) check_people(&w, &q, l->name, j);
				met++;
			}
			assert_int_equal(met, l->n_points);
			check_trend(&q, l);
		}
		/* Every answer is in one series. */
		int64_t all = 0, in_lines = 0;
		const struct journey_series_query whole = { .kind = q.kind, .by = STR(""), .touchpoint = q.touchpoint };
		collect(&w, &whole, STR(""), bounds[0], bounds[n - 1], &one);
		all = (int64_t)one.n;
		for (size_t i = 0; i < r.n_lines; i++) in_lines += r.lines[i].n;
		assert_int_equal(in_lines, all);
		journey_series_pass.free(pass);
		oasked_done(&w);
	}
	assert_true(compared > 500);
	seed_at_hand = 0;
}

static void too_many_periods_and_unknown_names_are_errors(void **state)
{
	struct oasked w;
	struct journey_series_plan *plan;
	struct err err = { 0 };
	static int64_t many[JOURNEY_SERIES_PERIODS_MAX + 2];
	for (size_t i = 0; i < COUNT_OF(many); i++) many[i] = (int64_t)i;
	oasked_make(&w, 3, &(struct oshape){ .customers = 5, .events_max = 5, .activities = 3, .tick_ms = 100 }, true);
	struct journey_series_query q = { .bounds = many, .n_bounds = COUNT_OF(many) };
	assert_int_equal(journey_series_plan(w.plan, &q, &w.a, &plan, &err), ERR_LIMIT);
	q.n_bounds = 3;
	q.by = STR("smell");
	assert_int_equal(journey_series_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "by");
	q.by = STR("");
	q.touchpoint = STR("nowhere");
	assert_int_equal(journey_series_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "touchpoint");
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_logs_agree_with_the_slow_twin, say_the_seed),
		cmocka_unit_test(too_many_periods_and_unknown_names_are_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
