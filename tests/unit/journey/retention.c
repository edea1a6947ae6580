/* Retention against its slow twin, and what a period that has not passed is. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

struct drawn { /* a random question; periods of the log's own small times are shifted to real lengths */
	struct journey_retention_query q;
	int64_t bounds[12];
};

static bool is(const struct str *name, const char *activity)
{
	return !name->len || str_eq(*name, str_of(activity));
}

static size_t period_of(const struct drawn *d, int64_t at)
{
	for (size_t j = 0; j + 1 < d->q.n_bounds; j++)
		if (at >= d->bounds[j] && at < d->bounds[j + 1]) return j;
	return SIZE_MAX;
}

struct story { /* of one customer */
	size_t cohort;
	bool active[12];
	int64_t value[12];
};

/* Everything about one customer, from all its rows in scope. */
static struct story read_story(const struct oasked *w, const struct drawn *d, const struct ocase *c)
{
	struct story s = { .cohort = SIZE_MAX };
	for (size_t i = 0; i < c->n; i++) {
		const char *what = oactivity(&w->o.q, c->rows[i]);
		const size_t j = period_of(d, c->rows[i]->at_ms);
		if (j == SIZE_MAX) continue;
		if (s.cohort == SIZE_MAX && is(&d->q.start, what)) s.cohort = j;
		if (s.cohort == SIZE_MAX || !is(&d->q.back, what)) continue;
		s.active[j] = true;
		if (!isnan(c->rows[i]->money) && str_eq(str_of(c->rows[i]->currency), d->q.currency))
			s.value[j] += (int64_t)c->rows[i]->money;
	}
	return s;
}

static bool counts(const struct drawn *d, const struct story *s, size_t offset)
{
	if (d->q.kind == JOURNEY_RETENTION_CLASSIC) return s->active[s->cohort + offset];
	for (size_t j = s->cohort + offset; j < 12; j++)
		if (s->active[j]) return true;
	return false;
}

static void check(const struct oasked *w, const struct drawn *d, const struct journey_retention *r)
{
	const int64_t end = w->o.q.to_ms < w->s.newest_ms ? w->o.q.to_ms : w->s.newest_ms;
	int64_t customers = 0, curve_active[12] = { 0 }, curve_size[12] = { 0 };
	size_t at = 0;
	for (size_t cohort = 0; cohort + 1 < d->q.n_bounds; cohort++) {
		int64_t size = 0;
		for (size_t i = 0; i < w->n; i++) size += read_story(w, d, &w->cases[i]).cohort == cohort;
		if (!size) continue;
		const struct journey_cohort *h = &r->cohorts[at++];
		assert_int_equal(h->start_ms, d->bounds[cohort]);
		assert_int_equal(h->size, size);
		customers += size;
		size_t k = 0;
		for (; cohort + k + 1 < d->q.n_bounds && d->bounds[cohort + k + 1] <= end; k++) {
			int64_t active = 0, value = 0;
			for (size_t i = 0; i < w->n; i++) {
				const struct story s = read_story(w, d, &w->cases[i]);
				if (s.cohort != cohort) continue;
				active += counts(d, &s, k);
				value += s.value[cohort + k];
			}
			assert_true(k < h->n);
			assert_int_equal(h->active[k], active);
			if (d->q.weighted) assert_int_equal(h->value[k], value);
			curve_active[k] += active;
			curve_size[k] += size;
		}
		assert_int_equal(h->n, k);
	}
	assert_int_equal(r->n_cohorts, at);
	assert_int_equal(r->customers, customers);
	for (size_t k = 0; k < r->n_curve; k++) {
		assert_int_equal(r->curve[k].active, curve_active[k]);
		assert_int_equal(r->curve[k].size, curve_size[k]);
		if (d->q.kind != JOURNEY_RETENTION_SURVIVAL && curve_size[k] >= 5)
			assert_near(r->curve[k].share.est, (double)curve_active[k] / (double)curve_size[k], 1e-12);
	}
}

static void check_people(const struct oasked *w, const struct drawn *d, const struct journey_set *people)
{
	uint32_t list[256];
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct story s = read_story(w, d, &w->cases[i]);
		if (s.cohort == d->q.cohort && counts(d, &s, d->q.offset)) list[n++] = w->cases[i].customer;
	}
	oasked_same_people(people, list, n);
}

/* The log's times are 1000 to 5000; a period is at least two hours, so they are stretched. */
enum { STRETCH = 100000 };

static void make(struct oasked *w, struct rng *r, struct drawn *d, uint64_t seed)
{
	const struct oshape shape = { .customers = 1 + (int)(seed % 9),
		                      .events_max = 14,
		                      .activities = 2 + (int)(seed % 5),
		                      .tick_ms = 100 * STRETCH,
		                      .evidence = true };
	oasked_make(w, seed, &shape, seed % 2);
	struct journey_query *q = &w->o.q;
	q->by = JOURNEY_BY_CUSTOMER;
	if (q->from_ms != INT64_MIN) q->from_ms *= STRETCH / 4;
	if (q->to_ms != INT64_MAX) q->to_ms *= STRETCH;
	struct err err;
	if (journey_plan_new(q, &w->s, &w->a, &w->plan, &err) != OK) fail_msg("%s", err.text);
	w->cases = ocases(&w->log, q, &w->a, &w->n);
	rng_init(r, seed, 9);
	*d = (struct drawn){ .q = { .n_bounds = 2 + rng_below(r, 10) } };
	int64_t at = rng_below(r, 3) ? 0 : 50000000;
	for (size_t i = 0; i < d->q.n_bounds; i++) {
		d->bounds[i] = at;
		at += 7200000 + (int64_t)rng_below(r, 100000000);
	}
	d->q.bounds = d->bounds;
	d->q.kind = (enum journey_retention_kind)rng_below(r, 3);
	if (rng_below(r, 2)) d->q.start = oasked_activity(w, r);
	if (rng_below(r, 2)) d->q.back = oasked_activity(w, r);
	d->q.weighted = rng_below(r, 2) && w->s.currencies.n > 1;
	if (d->q.weighted)
		d->q.currency = journey_word(&w->s.currencies, 1 + (uint32_t)rng_below(r, w->s.currencies.n - 1));
	d->q.people = rng_below(r, 2);
	d->q.cohort = rng_below(r, d->q.n_bounds - 1);
	d->q.offset = rng_below(r, 3);
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int people = 0, weighted = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct oasked w;
		struct rng random;
		struct drawn d;
		struct journey_retention_plan *plan;
		struct journey_retention r;
		struct err err;
		make(&w, &random, &d, seed);
		if (seed % 1000 == 0) print_message("seed %d\n", (int)seed);
		if (journey_retention_plan(w.plan, &d.q, &w.a, &plan, &err) != OK) {
			assert_string_equal(err.id, "retention.figure"); /* chance asked for what has not passed */
			d.q.people = false;
			assert_int_equal(journey_retention_plan(w.plan, &d.q, &w.a, &plan, &err), OK);
		}
		void *pass = oasked_run(&w, w.plan, &journey_retention_pass, plan);
		assert_int_equal(journey_retention_result(pass, &w.a, &r, &err), OK);
		check(&w, &d, &r);
		if (d.q.people) check_people(&w, &d, journey_retention_people(pass));
		people += d.q.people;
		weighted += d.q.weighted;
		journey_retention_pass.free(pass);
		oasked_done(&w);
	}
	assert_true(people > 300 && weighted > 500);
}

static void survival_over_cohorts_is_that_of_kaplan_and_meier(void **state)
{
	/* Two cohorts of six and eight; the second is seen for one period less. Gone after each period: 2, 1 and 4. */
	struct arena a;
	struct err err;
	arena_init(&a, 16 * MIB);
	struct olog l = { .rows = ARENA_ARRAY(&a, struct orow, 64) };
	static const struct {
		int first, last, customers; /* days */
	} groups[] = { { 0, 0, 2 }, { 0, 1, 1 }, { 0, 3, 3 }, { 1, 1, 4 }, { 1, 3, 4 } };
	uint32_t customer = 0;
	for (size_t g = 0; g < COUNT_OF(groups); g++)
		for (int i = 0; i < groups[g].customers; i++) {
			customer++;
			for (int e = 0; e < 2; e++)
				l.rows[l.n++] =
				        (struct orow){ .customer = customer,
					               .at_ms = (e ? groups[g].last : groups[g].first) * 86400000LL,
					               .arrival = l.n + 1,
					               .event = "a",
					               .channel = "",
					               .key = "",
					               .colour = "",
					               .about = "",
					               .currency = "",
					               .score = NAN,
					               .overrun_ms = NAN,
					               .wait_ms = NAN,
					               .effort = NAN,
					               .money = NAN };
		}
	l.newest_ms = 3 * 86400000LL; /* the third period has passed at its very end */
	struct journey_columns c;
	struct journey_schema s;
	struct journey_plan *p;
	struct journey_retention_plan *plan;
	struct journey_retention r;
	const struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX, .by = JOURNEY_BY_CUSTOMER };
	const int64_t bounds[] = { 0, 86400000, 2 * 86400000LL, 3 * 86400000LL, 4 * 86400000LL };
	const struct journey_retention_query what = { .bounds = bounds,
		                                      .n_bounds = 5,
		                                      .kind = JOURNEY_RETENTION_SURVIVAL };
	olog_columns(&l, 1, &a, &c, &s);
	assert_int_equal(journey_plan_new(&q, &s, &a, &p, &err), OK);
	assert_int_equal(journey_retention_plan(p, &what, &a, &plan, &err), OK);
	void *pass = journey_retention_pass.make(p, plan);
	journey_retention_pass.add(pass, &c);
	assert_int_equal(journey_retention_result(pass, &a, &r, &err), OK);
	journey_retention_pass.free(pass);
	assert_int_equal(r.n_cohorts, 2);
	assert_int_equal(r.cohorts[0].n, 3);
	assert_int_equal(r.cohorts[1].n, 2);
	assert_int_equal(r.cohorts[0].active[1], 4);
	assert_int_equal(r.cohorts[0].active[2], 3);
	assert_int_equal(r.cohorts[1].active[1], 4);
	assert_near(r.curve[0].share.est, 1, 0);
	assert_near(r.curve[1].share.est, 8.0 / 14, 1e-12);
	/* Only four of the first cohort were at risk for the third period: 8/14 * 3/4, suppressed because they are few.
	 */
	assert_true(r.curve[2].share.flags & STATS_SUPPRESSED);
	arena_done(&a);
}

static void an_impossible_question_is_refused_by_name(void **state)
{
	struct oasked w;
	struct err err;
	struct journey_retention_plan *plan;
	oasked_make(&w, 8, &(struct oshape){ 4, 14, 4, 100, true }, false);
	struct journey_query all = { .from_ms = INT64_MIN, .to_ms = INT64_MAX, .by = JOURNEY_BY_CUSTOMER };
	struct journey_query cut = all;
	struct journey_plan *p, *by_gap;
	cut.by = JOURNEY_BY_INSTANCE;
	cut.instance = (struct journey_instance_rule){ .cut = JOURNEY_CUT_GAP, .gap_ms = 100 };
	assert_int_equal(journey_plan_new(&all, &w.s, &w.a, &p, &err), OK);
	assert_int_equal(journey_plan_new(&cut, &w.s, &w.a, &by_gap, &err), OK);
	const int64_t bounds[] = { 0, 86400000 };
	const struct journey_retention_query plain = { .bounds = bounds, .n_bounds = 2 };
	assert_int_equal(journey_retention_plan(p, &plain, &w.a, &plan, &err), OK);
	struct journey_retention_query q = plain;
	assert_int_equal(journey_retention_plan(by_gap, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "case");
	q.n_bounds = 1;
	assert_int_equal(journey_retention_plan(p, &q, &w.a, &plan, &err), ERR_LIMIT);
	q = plain;
	q.start = STR("nowhere");
	assert_int_equal(journey_retention_plan(p, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "start");
	q = plain;
	q.back = STR("nowhere");
	assert_int_equal(journey_retention_plan(p, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "back");
	q = plain;
	q.weighted = true;
	q.currency = STR("XXX");
	assert_int_equal(journey_retention_plan(p, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "currency");
	q = plain;
	q.people = true; /* the one period goes on */
	assert_int_equal(journey_retention_plan(p, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "offset");
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(survival_over_cohorts_is_that_of_kaplan_and_meier),
		cmocka_unit_test(an_impossible_question_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
