/* Outcome lift against its slow twin. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

/* Whether a case has an event of the name; with `before`, ahead of its first outcome. */
static bool met(const struct oasked *w, const struct journey_lift_query *l, const struct ocase *c, struct str name)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct str what = str_of(oactivity(&w->o.q, c->rows[i]));
		if (l->before && str_eq(what, l->outcome)) return false;
		if (str_eq(what, name)) return true;
	}
	return false;
}

static bool reached(const struct oasked *w, const struct journey_lift_query *l, const struct ocase *c)
{
	const struct journey_lift_query all = { .outcome = l->outcome };
	return met(w, &all, c, l->outcome);
}

static void check(const struct oasked *w, const struct journey_lift_query *l, const struct journey_lift *r)
{
	int64_t all_reached = 0;
	for (size_t i = 0; i < w->n; i++) all_reached += reached(w, l, &w->cases[i]);
	assert_int_equal(r->cases, w->n);
	assert_int_equal(r->reached, all_reached);
	for (size_t t = 0; t < r->n_touchpoints; t++) {
		const struct journey_lift_row *row = &r->touchpoints[t];
		int64_t cases = 0, k = 0;
		assert_false(str_eq(row->name, l->outcome));
		for (size_t i = 0; i < w->n; i++) {
			if (!met(w, l, &w->cases[i], row->name)) continue;
			cases++;
			k += reached(w, l, &w->cases[i]);
		}
		assert_true(cases > 0);
		assert_int_equal(row->cases, cases);
		assert_int_equal(row->reached, k);
		assert_int_equal(row->without_cases, r->cases - cases);
		assert_int_equal(row->without_reached, r->reached - k);
		const bool shown = cases >= 5 && r->cases - cases >= 5;
		assert_int_equal(shown, !(row->diff.flags & STATS_SUPPRESSED));
		if (!shown) {
			assert_near(row->p_adjusted, 1, 0);
			continue;
		}
		assert_near(row->diff.est,
		            (double)k / (double)cases - (double)(all_reached - k) / (double)(r->cases - cases), 1e-12);
		assert_true(row->p_adjusted >= row->p && row->p_adjusted <= 1);
		if (t) assert_true(r->touchpoints[t - 1].diff.est >= row->diff.est);
	}
	/* Nothing that was met is missing. */
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->cases[i].n; k++) {
			const struct str name = str_of(oactivity(&w->o.q, w->cases[i].rows[k]));
			bool there = str_eq(name, l->outcome) || !met(w, l, &w->cases[i], name);
			for (size_t t = 0; t < r->n_touchpoints; t++) there |= str_eq(r->touchpoints[t].name, name);
			assert_true(there);
		}
}

static void check_people(const struct oasked *w, const struct journey_lift_query *l, const struct journey_set *people)
{
	uint32_t list[512];
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		if (met(w, l, &w->cases[i], l->name) && reached(w, l, &w->cases[i]) == l->reached)
			list[n++] = w->cases[i].customer;
	oasked_same_people(people, list, n);
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int shown = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct oasked w;
		struct rng random;
		struct err err;
		struct journey_lift_plan *plan;
		struct journey_lift r;
		const struct oshape shape = { .customers = 1 + (int)(seed % 19),
			                      .events_max = 12,
			                      .activities = 2 + (int)(seed % 5),
			                      .tick_ms = 100 };
		oasked_make(&w, seed, &shape, seed % 2);
		rng_init(&random, seed, 11);
		if (seed % 1000 == 0) print_message("seed %d\n", (int)seed);
		struct journey_lift_query l = { .outcome = oasked_activity(&w, &random),
			                        .before = rng_below(&random, 2),
			                        .people = rng_below(&random, 2),
			                        .reached = rng_below(&random, 2),
			                        .name = oasked_activity(&w, &random) };
		/* With `before`, nobody met the outcome ahead of itself; of it alone there is no figure. */
		if (str_eq(l.name, l.outcome)) l.people = false;
		assert_int_equal(journey_lift_plan(w.plan, &l, &w.a, &plan, &err), OK);
		void *pass = oasked_run(&w, w.plan, &journey_lift_pass, plan);
		assert_int_equal(journey_lift_result(pass, &w.a, &r, &err), OK);
		check(&w, &l, &r);
		if (l.people) check_people(&w, &l, journey_lift_people(pass));
		for (size_t t = 0; t < r.n_touchpoints; t++) shown += !(r.touchpoints[t].diff.flags & STATS_SUPPRESSED);
		journey_lift_pass.free(pass);
		oasked_done(&w);
	}
	assert_true(shown > 1000);
}

static void a_name_that_nothing_has_is_refused(void **state)
{
	struct oasked w;
	struct err err;
	struct journey_lift_plan *plan;
	oasked_make(&w, 2, &(struct oshape){ 2, 14, 4, 100, false }, false);
	assert_int_equal(journey_lift_plan(w.plan, &(struct journey_lift_query){ 0 }, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "outcome");
	assert_int_equal(
	        journey_lift_plan(w.plan, &(struct journey_lift_query){ .outcome = STR("nowhere") }, &w.a, &plan, &err),
	        ERR_INPUT);
	assert_string_equal(err.field, "outcome");
	assert_int_equal(journey_lift_plan(w.plan,
	                                   &(struct journey_lift_query){
	                                           .outcome = STR("a"), .people = true, .name = STR("nowhere") },
	                                   &w.a, &plan, &err),
	                 ERR_INPUT);
	assert_string_equal(err.field, "name");
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(a_name_that_nothing_has_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
