/* Moments of truth against their slow twin, and the people behind each figure. */
#include "tests/unit/unit.h"

#include "tests/oracle/oracle.h"

#include "base/checked.h"

#define HOUR_MS 3600000

struct world {
	struct arena a;
	struct olog l;
	struct oquestion o;
	struct journey_columns c[3];
	struct journey_schema s;
	struct journey_plan *p;
	struct journey_moments_question w;
	bool outcome[9], purchase[9];
};

static void world_make(struct world *w, uint64_t seed)
{
	struct err err;
	struct rng r;
	*w = (struct world){ 0 };
	arena_init(&w->a, 512 * MIB);
	rng_init(&r, seed, 9);
	olog_make(&w->l, &w->a, seed,
	          &(struct oshape){ .customers = 2 + (int)(seed % 40),
	                            .events_max = seed % 2 ? 6 : 20,
	                            .activities = 2 + (int)(seed % 5),
	                            .tick_ms = HOUR_MS,
	                            .evidence = true });
	oquestion_make(&w->o, seed, true);
	w->o.q.rules = &w->o.rules;
	w->o.rules.touchpoints = w->o.touchpoints;
	w->o.rules.rules = w->o.rule;
	w->o.q.by = JOURNEY_BY_CUSTOMER;
	w->o.q.from_ms = INT64_MIN, w->o.q.to_ms = INT64_MAX;
	olog_columns(&w->l, 3, &w->a, w->c, &w->s);
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
	for (int i = 0; i < 3; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows);
		journey_fill(w->p, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
	w->outcome[1 + rng_below(&r, w->o.rules.n_touchpoints)] = true;
	w->purchase[1 + rng_below(&r, w->o.rules.n_touchpoints)] = true;
	w->w = (struct journey_moments_question){ .outcome = w->outcome,
		                                  .outcome_event = rng_below(&r, 3) ? STR("") : STR("b"),
		                                  .purchase = rng_below(&r, 2) ? w->purchase : NULL,
		                                  .from_ms = rng_below(&r, 2) ? INT64_MIN : 5 * HOUR_MS,
		                                  .to_ms = rng_below(&r, 2) ? INT64_MAX : 30 * HOUR_MS,
		                                  .within_ms = HOUR_MS * (int64_t)(1 + rng_below(&r, 20)),
		                                  .recent_ms = HOUR_MS * (int64_t)(1 + rng_below(&r, 20)),
		                                  .good = 60,
		                                  .bad = 40 };
}

/* Over three accumulators, merged in an order that depends on the seed. */
static void *run(struct world *w, const struct journey_pass *pass, uint64_t seed)
{
	void *m[3];
	for (int i = 0; i < 3; i++) {
		m[i] = pass->make(w->p, &w->w);
		assert_non_null(m[i]);
		pass->add(m[i], &w->c[i]);
	}
	const int first = (int)(seed % 3);
	for (int i = 1; i < 3; i++) {
		pass->merge(m[first], m[(first + i) % 3]);
		pass->free(m[(first + i) % 3]);
	}
	return m[first];
}

static void ask(struct world *w, uint64_t seed, struct journey_moments *out)
{
	struct err err;
	void *scales = run(w, &journey_moments_scales_pass, seed);
	assert_int_equal(journey_moments_scales_result(scales, &w->a, &w->w.scales, &err), OK);
	void *counts = run(w, &journey_moments_pass, seed);
	assert_int_equal(journey_moments_result(counts, &w->a, out, &err), OK);
	journey_moments_scales_pass.free(scales);
	journey_moments_pass.free(counts);
}

#define same(got, want)                                                                                                \
	if ((got) != (want))                                                                                           \
	fail_msg("seed %d, touchpoint %d: %s is %lld, not %lld", (int)seed, t, #got, (long long)(got),                 \
	         (long long)(want))

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int64_t both = 0, young = 0, middling = 0, strata = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct world w;
		struct journey_moments got, want;
		int t = 0;
		world_make(&w, seed);
		ask(&w, seed, &got);
		omoments(&w.l, &w.o.q, &w.w, &w.a, &want);
		same(got.customers, want.customers);
		same(got.base.n, want.base.n);
		same(got.base.reached, want.base.reached);
		for (; t < (int)want.n_touchpoints; t++) {
			const struct journey_moments_touchpoint *g = &got.touchpoints[t], *x = &want.touchpoints[t];
			same(g->met, x->met);
			same(g->answered, x->answered);
			same(g->too_short, x->too_short);
			same(g->middling, x->middling);
			same(g->good.n, x->good.n);
			same(g->good.reached, x->good.reached);
			same(g->bad.n, x->bad.n);
			same(g->bad.reached, x->bad.reached);
			same(g->n_strata, x->n_strata);
			for (size_t k = 0; k < x->n_strata; k++) {
				same(g->strata[k].good.n, x->strata[k].good.n);
				same(g->strata[k].good.reached, x->strata[k].good.reached);
				same(g->strata[k].bad.n, x->strata[k].bad.n);
				same(g->strata[k].bad.reached, x->strata[k].bad.reached);
			}
			/* Everybody who answered is somewhere, once. */
			same(g->answered, g->too_short + g->middling + g->good.n + g->bad.n);
			both += g->good.n > 0 && g->bad.n > 0;
			young += g->too_short;
			middling += g->middling;
			strata += (int64_t)g->n_strata;
		}
		arena_done(&w.a);
	}
	print_message("%lld tables with both sides, %lld strata, %lld too young, %lld middling\n", (long long)both,
	              (long long)strata, (long long)young, (long long)middling);
	assert_true(both > 3000 && strata > 10000 && young > 1000 && middling > 1000);
}

static void the_people_of_a_figure_are_as_many_as_it_says(void **state)
{
	int64_t figures = 0;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct world w;
		struct journey_moments all, one;
		world_make(&w, seed);
		ask(&w, seed, &all);
		for (int t = 0; t < (int)all.n_touchpoints; t++)
			for (int k = 0; k < 4; k++) {
				const struct journey_moments_count *side =
				        k & 1 ? &all.touchpoints[t].good : &all.touchpoints[t].bad;
				w.w.touchpoint = (uint16_t)(t + 1);
				w.w.is_good = k & 1, w.w.is_reached = k & 2;
				w.w.people = journey_set_new();
				ask(&w, seed + (uint64_t)k, &one);
				same(journey_set_n(w.w.people), k & 2 ? side->reached : side->n - side->reached);
				figures += journey_set_n(w.w.people) > 0;
				journey_set_free(w.w.people);
				w.w.people = NULL;
			}
		arena_done(&w.a);
	}
	assert_true(figures > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(the_people_of_a_figure_are_as_many_as_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
