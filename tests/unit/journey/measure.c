/* The measure of a map against its slow twin, and the people behind each of its numbers. */
#include "tests/unit/unit.h"

#include "tests/oracle/check.h"

#include <math.h>

#include "base/checked.h"

struct world {
	struct arena a;
	struct olog l;
	struct oquestion o;
	struct journey_columns c[3];
	struct journey_schema s;
	struct journey_plan *p;
};

static void world_make(struct world *w, uint64_t seed)
{
	*w = (struct world){ 0 };
	arena_init(&w->a, 512 * MIB);
	olog_make(&w->l, &w->a, seed,
	          &(struct oshape){ .customers = 1 + (int)(seed % 6),
	                            .events_max = seed % 2 ? 14 : 60,
	                            .activities = 2 + (int)(seed % 5),
	                            .tick_ms = 100,
	                            .evidence = true });
	oquestion_make(&w->o, seed, true);
	w->o.q.rules = &w->o.rules;
	w->o.rules.touchpoints = w->o.touchpoints;
	w->o.rules.rules = w->o.rule;
	olog_columns(&w->l, 3, &w->a, w->c, &w->s);
	struct err err;
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
	for (int i = 0; i < 3; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows);
		journey_fill(w->p, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
}

/* Over three meters, merged in an order that depends on the seed. */
static void measure(struct world *w, uint64_t seed, struct journey_measure *out)
{
	struct journey_meter *m[3];
	for (int i = 0; i < 3; i++) {
		m[i] = journey_meter_new(w->p, JOURNEY_METER_MAP);
		assert_non_null(m[i]);
		journey_meter_add(m[i], &w->c[i]);
	}
	struct err err;
	const int first = (int)(seed % 3);
	journey_meter_merge(m[first], m[(first + 1) % 3]);
	journey_meter_merge(m[first], m[(first + 2) % 3]);
	if (journey_meter_measure(m[first], &w->a, out, &err) != OK) fail_msg("%s", err.text);
	for (int i = 0; i < 3; i++) journey_meter_free(m[i]);
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int64_t effects = 0, together = 0;
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct world w;
		world_make(&w, seed);
		struct journey_measure got, want;
		if (seed % 500 == 0) print_message("seed %d\n", (int)seed);
		measure(&w, seed, &got);
		omeasure(&w.l, &w.o.q, &w.a, &want);
		check_measure(&got, &want);
		effects += (int64_t)want.n_effects;
		for (size_t i = 0; i < want.n_effects; i++) together += want.effects[i].clustered_together;
		arena_done(&w.a);
	}
	print_message("%lld effects, %lld with customers on both sides\n", (long long)effects, (long long)together);
	/* The logs must be of a kind that has effects, or this says nothing. */
	assert_true(effects > 1000);
	assert_true(together > 100);
}

static void sum_up(void *ctx, const struct journey_instance *i)
{
	int64_t *sums = ctx;
	for (int w = 0; w < JOURNEY_WHATS; w++) sums[w] += i->counts[w];
}

static void people_add_up_to_the_numbers_of_the_map(void **state)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct world w;
		world_make(&w, seed);
		struct journey_measure m;
		measure(&w, seed, &m);
		struct err err;
		for (uint16_t t = 0; t <= m.n_touchpoints; t++) {
			for (int s = -1; s < (t ? 0 : (int)m.n_steps); s++) {
				int64_t sums[JOURNEY_WHATS] = { 0 };
				for (int i = 0; i < 3; i++)
					assert_int_equal(journey_instances(w.p, &w.c[i], t, s, sum_up, sums, &err), OK);
				if (t) {
					const struct journey_touchpoint_stat *x = &m.touchpoints[t - 1];
					assert_int_equal(sums[JOURNEY_ENTERED], x->instances);
					assert_int_equal(sums[JOURNEY_REPEATED], x->repeats);
					assert_int_equal(sums[JOURNEY_BROKEN], x->broken);
					assert_int_equal(sums[JOURNEY_KEPT], x->kept);
					assert_int_equal(sums[JOURNEY_FAILED], x->signals[JOURNEY_FAILURE].n);
					assert_int_equal(sums[JOURNEY_RATED], x->signals[JOURNEY_RATING].n);
					assert_int_equal(sums[JOURNEY_COMMENTED], x->comments);
				} else if (s >= 0) {
					assert_int_equal(sums[JOURNEY_ENTERED], m.steps[s].entered);
					assert_int_equal(sums[JOURNEY_ADVANCED], m.steps[s].advanced);
					assert_int_equal(sums[JOURNEY_GOAL], m.steps[s].goal);
					assert_int_equal(sums[JOURNEY_LOST], m.steps[s].lost);
					assert_int_equal(sums[JOURNEY_STILL_IN], m.steps[s].still_in);
				} else {
					assert_int_equal(sums[JOURNEY_ENTERED], m.total.entered);
					assert_int_equal(sums[JOURNEY_GOAL], m.total.goal);
					assert_int_equal(sums[JOURNEY_LOST], m.total.lost);
					assert_int_equal(sums[JOURNEY_STILL_IN], m.total.still_in);
					assert_int_equal(sums[JOURNEY_RATED], m.rating_n);
				}
				assert_int_equal(sums[JOURNEY_ENTERED], sums[JOURNEY_ADVANCED] + sums[JOURNEY_GOAL] +
				                                                sums[JOURNEY_LOST] +
				                                                sums[JOURNEY_STILL_IN]);
			}
		}
		arena_done(&w.a);
	}
}

/* Splitting by a dimension loses nothing: visits over all values are the touchpoint's. */
static void a_split_adds_up_to_the_whole(void **state)
{
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct world w;
		world_make(&w, seed);
		struct journey_measure whole, split;
		measure(&w, seed, &whole);
		struct err err;
		struct journey_plan *p;
		uint32_t values;
		assert_int_equal(journey_plan_split(w.p, STR("colour"), &w.a, &p, &values, &err), OK);
		struct journey_meter *m = journey_meter_new(p, 0);
		for (int i = 0; i < 3; i++) {
			uint16_t *codes = ARENA_ARRAY(&w.a, uint16_t, w.c[i].n_rows);
			journey_fill(p, &w.c[i], codes);
			w.c[i].touchpoints = codes;
			journey_meter_add(m, &w.c[i]);
		}
		assert_int_equal(journey_meter_measure(m, &w.a, &split, &err), OK);
		journey_meter_free(m);
		assert_int_equal(split.n_touchpoints, whole.n_touchpoints * values);
		for (size_t t = 0; t < whole.n_touchpoints; t++) {
			int64_t visits = 0, broken = 0;
			for (uint32_t v = 0; v < values; v++) {
				visits += split.touchpoints[t * values + v].visits;
				broken += split.touchpoints[t * values + v].broken;
			}
			assert_int_equal(visits, whole.touchpoints[t].visits);
			assert_int_equal(broken, whole.touchpoints[t].broken);
		}
		arena_done(&w.a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(people_add_up_to_the_numbers_of_the_map),
		cmocka_unit_test(a_split_adds_up_to_the_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
