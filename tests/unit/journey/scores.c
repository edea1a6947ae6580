/* Scores by activity and value against their slow twin: texts and loops over all cases. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

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

struct sums {
	int64_t n, answers, customers, low;
	double u[4096], raw[4096];
	uint32_t customer[4096];
	bool scales[2];
};

static void sum(const struct oasked *w, const struct journey_scores_query *q, struct str name, struct str value,
                struct sums *s)
{
	*s = (struct sums){ 0 };
	for (size_t k = 0; k < w->n + w->n_loose; k++) {
		const struct ocase *c = &w->cases[k];
		for (size_t i = 0; i < c->n; i++) {
			const struct orow *r = c->rows[i], *of = isnan(r->score) ? NULL : about(w, c, i);
			s->n += k < w->n && str_eq(str_of(oactivity(&w->o.q, r)), name) &&
			        str_eq(str_of(value_of(r, q->by)), value);
			if (!of || !str_eq(str_of(oactivity(&w->o.q, of)), name)) continue;
			if (!str_eq(str_of(value_of(of, q->by)), value)) continue;
			bool seen = false;
			for (int64_t x = 0; x < s->answers; x++) seen |= s->customer[x] == r->customer;
			s->customers += !seen;
			s->customer[s->answers] = r->customer;
			s->raw[s->answers] = r->score;
			s->u[s->answers] = (double)(float)(100 * (r->score - r->min) / (r->max - r->min));
			s->low += s->u[s->answers] < q->low;
			s->scales[r->min > 0] = true;
			s->answers++;
		}
	}
}

static double mean_of(const double *v, int64_t n)
{
	double t = 0;
	for (int64_t i = 0; i < n; i++) t += v[i];
	return t / (double)n;
}

/* Clustered: the residuals of a customer's answers are summed before they are squared. */
static double se_of(const struct sums *s, double mean)
{
	double t = 0;
	for (int64_t i = 0; i < s->answers; i++)
		for (int64_t k = 0; k < s->answers; k++)
			if (s->customer[i] == s->customer[k]) t += (s->u[i] - mean) * (s->u[k] - mean);
	const double m = (double)s->customers;
	return sqrt(m / (m - 1) * fmax(t, 0)) / (double)s->answers;
}

static void check_row(const struct oasked *w, const struct journey_scores_query *q, const struct journey_scores_row *r)
{
	static struct sums s;
	sum(w, q, r->name, r->value, &s);
	assert_int_equal(r->n, s.n);
	assert_int_equal(r->answers, s.answers);
	assert_int_equal(r->customers, s.customers);
	const bool shown = s.answers >= 5 && !(s.scales[0] && s.scales[1]);
	double raw = mean_of(s.raw, s.answers), squares = 0;
	for (int64_t i = 0; i < s.answers; i++) squares += (s.raw[i] - raw) * (s.raw[i] - raw);
	assert_near(r->mean, shown ? raw : NAN, 1e-9);
	assert_near(r->sd, shown ? sqrt(squares / (double)(s.answers - 1)) : NAN, 1e-7);
	if (s.answers < 5) {
		assert_true(r->score.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
		assert_true(r->low_share.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
		return;
	}
	const double mean = mean_of(s.u, s.answers);
	assert_near(r->low_share.est, (double)s.low / (double)s.answers, 1e-12);
	assert_near(r->score.est, mean, 1e-6);
	assert_int_equal(r->score.n, s.answers);
	const double se = s.customers < 2 ? 0 : se_of(&s, mean);
	if (se < 1e-9) { /* all alike: whoever else there is moves the mean no further than to an end */
		const double others = 1 - pow(0.025, 1 / (double)s.customers);
		assert_near(r->score.lo, mean - mean * others, 1e-5);
		assert_near(r->score.hi, mean + (100 - mean) * others, 1e-5);
		return;
	}
	const double half = stats_t_quantile(0.975, (double)s.customers - 1) * se;
	assert_near(r->score.lo, fmax(mean - half, 0), 1e-5);
	assert_near(r->score.hi, fmin(mean + half, 100), 1e-5);
}

static void check_people(const struct oasked *w, const struct journey_scores_query *q,
                         const struct journey_scores_row *r)
{
	static struct sums s;
	struct journey_scores_query of = *q;
	struct journey_scores_plan *plan;
	struct err err;
	of.people = true;
	of.name = r->name;
	of.value = r->value;
	struct arena a;
	arena_init(&a, 1024 * 1024);
	assert_int_equal(journey_scores_plan(w->plan, &of, &a, &plan, &err), OK);
	void *pass = oasked_run(w, w->plan, &journey_scores_pass, plan);
	sum(w, q, r->name, r->value, &s);
	oasked_same_people(journey_scores_people(pass), s.customer, (size_t)s.answers);
	journey_scores_pass.free(pass);
	arena_done(&a);
}

/* Answers that the events of one name carry on one scale, whatever they speak of. */
static void check_answers(struct oasked *w, struct str event, int min, int max)
{
	const struct journey_answers_query q = { .event = event, .min = min, .max = max };
	struct journey_answers_plan *plan;
	struct journey_answers r;
	struct err err;
	int64_t met = 0, n = 0, other = 0, values[JOURNEY_ANSWERS_VALUES_MAX] = { 0 };
	assert_int_equal(journey_answers_plan(w->plan, &q, &w->a, &plan, &err), OK);
	void *pass = oasked_run(w, w->plan, &journey_answers_pass, plan);
	assert_int_equal(journey_answers_result(pass, &r, &err), OK);
	for (size_t k = 0; k < w->n; k++)
		for (size_t i = 0; i < w->cases[k].n; i++) {
			const struct orow *row = w->cases[k].rows[i];
			if (!str_eq(str_of(row->event), event)) continue;
			met++;
			if (isnan(row->score)) continue;
			if (row->min != min || row->max != max) other++;
			else n++, values[lround(row->score) - min]++;
		}
	assert_int_equal(r.met, met);
	assert_int_equal(r.n, n);
	assert_int_equal(r.other, other);
	assert_memory_equal(r.values, values, sizeof values);
	journey_answers_pass.free(pass);
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
	static const char *const by[] = { "", "channel", "colour", "event" };
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		seed_at_hand = seed;
		struct oasked w;
		struct journey_scores_plan *plan;
		struct journey_scores r;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 8),
		                              .events_max = 1 + (int)(seed % 20),
		                              .activities = 1 + (int)(seed % 5),
		                              .tick_ms = 100,
		                              .evidence = true },
		            seed % 2);
		const struct journey_scores_query q = { .by = str_of(by[seed / 2 % 4]), .low = (double)(seed % 100) };
		assert_int_equal(journey_scores_plan(w.plan, &q, &w.a, &plan, &err), OK);
		void *pass = oasked_run(&w, w.plan, &journey_scores_pass, plan);
		assert_int_equal(journey_scores_result(pass, &w.a, &r, &err), OK);
		int64_t events = 0, all = 0;
		for (size_t k = 0; k < w.n; k++) all += (int64_t)w.cases[k].n;
		for (size_t i = 0; i < r.n_rows; i++) {
			events += r.rows[i].n;
			if (i) assert_true(r.rows[i - 1].n >= r.rows[i].n);
			check_row(&w, &q, &r.rows[i]);
			if (i < 2) check_people(&w, &q, &r.rows[i]);
		}
		assert_int_equal(events, all);
		if (w.n && w.cases[0].n) {
			const struct str event = str_of(w.cases[0].rows[0]->event);
			check_answers(&w, event, 0, 10);
			check_answers(&w, event, 1, 5);
		}
		journey_scores_pass.free(pass);
		oasked_done(&w);
	}
	seed_at_hand = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(random_logs_agree_with_the_slow_twin,
		                                                      say_the_seed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
