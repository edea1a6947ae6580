/* What is told as pain and delight, and that nothing is told where nothing is. */
#include <math.h>

#include "maps/priv.h"
#include "tests/unit/maps/help.h"

static struct map_doc doc = { .n_touchpoints = 3, .n_steps = 3 };

struct made {
	struct journey_effect effects[64];
	size_t n;
};

/* Summaries of two groups of ratings, one a customer, as the engine would give them. */
static void add(struct made *m, uint16_t touchpoint, const char *dimension, const char *value, double with,
                double without, int64_t n_with, int64_t n_without, double sd)
{
	m->effects[m->n++] = (struct journey_effect){
		.touchpoint = touchpoint,
		.kind = *dimension ? JOURNEY_EFFECT_DIMENSION : JOURNEY_EFFECT_BREACH,
		.dimension = str_of(dimension),
		.value = str_of(value),
		.instances = n_with,
		.customers = n_with,
		.other_instances = n_without,
		.with = { .n = n_with,
		          .customers = n_with,
		          .mean = with,
		          .raw_mean = NAN,
		          .se = sd / sqrt((double)n_with) },
		.without = { .n = n_without,
		             .customers = n_without,
		             .mean = without,
		             .raw_mean = NAN,
		             .se = sd / sqrt((double)n_without) },
		.diff = with - without,
		.within_diff = NAN,
		.within_n = -1, /* one country */
		.diff_se = hypot(sd / sqrt((double)n_with), sd / sqrt((double)n_without)),
	};
}

static struct maps_measured found(struct made *m, int64_t entered, struct arena *a)
{
	struct maps_measured mm = {
		.doc = &doc, .measure = { .effects = m->effects, .n_effects = m->n, .total = { .entered = entered } }
	};
	OK_OR_SHOW(map_findings(&mm, a, why));
	return mm;
}

static void of_two_values_one_is_told(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	add(&m, 1, "device", "phone", 40, 60, 600, 400, 20);
	add(&m, 1, "device", "desk", 60, 40, 400, 600, 20);
	struct maps_measured mm = found(&m, 1000, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_true(mm.findings[0].pain);
	assert_str(mm.findings[0].effect.value, "phone");
	/* A rare good one is the news: a card in the parcel from one warehouse. */
	m.n = 0;
	add(&m, 1, "warehouse", "north", 80, 60, 200, 800, 20);
	add(&m, 1, "warehouse", "rest", 60, 80, 800, 200, 20);
	mm = found(&m, 1000, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_false(mm.findings[0].pain);
	assert_str(mm.findings[0].effect.value, "north");
	arena_done(&a);
}

static void one_bad_value_does_not_make_the_others_delights(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	/* Four carriers of 250; one at 30, three at 60. Against their rests the three stand at 50. */
	add(&m, 2, "carrier", "bad", 30, 60, 250, 750, 20);
	add(&m, 2, "carrier", "a", 60, 50, 250, 750, 23);
	add(&m, 2, "carrier", "b", 60, 50, 250, 750, 23);
	add(&m, 2, "carrier", "c", 60, 50, 250, 750, 23);
	/* The same carrier at the step before, diluted. */
	add(&m, 1, "carrier", "bad", 40, 60, 250, 750, 20);
	const struct maps_measured mm = found(&m, 1000, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_str(mm.findings[0].effect.value, "bad");
	assert_int_equal(mm.findings[0].effect.touchpoint, 2);
	arena_done(&a);
}

static void what_is_alike_everywhere_is_no_finding_about_a_step(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	for (uint16_t t = 1; t <= 3; t++) add(&m, t, "state", "RJ", 51 - t, 60, 300, 2000, 20);
	struct maps_measured mm = found(&m, 2300, &a);
	assert_int_equal(mm.n_findings, 0);
	m.n = 0;
	for (uint16_t t = 1; t <= 3; t++) add(&m, t, "state", "RJ", t == 2 ? 40 : 54, 60, 300, 2000, 20);
	mm = found(&m, 2300, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.touchpoint, 2);
	arena_done(&a);
}

/* The same journeys at one step are told once, by what explains. */
static void one_fact_at_one_step_is_told_once(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	m.effects[0].kind = JOURNEY_EFFECT_REPEAT;
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	m.effects[1].kind = JOURNEY_EFFECT_FAILURE;
	struct maps_measured mm = found(&m, 7600, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.kind, JOURNEY_EFFECT_FAILURE);
	/* A breach before a property of the same journeys. */
	m.n = 0;
	add(&m, 1, "carrier", "slow", 48, 63, 600, 7000, 20);
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	mm = found(&m, 7600, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.kind, JOURNEY_EFFECT_BREACH);
	/* Other journeys, or another difference, are another fact; so is another step. */
	m.n = 0;
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	add(&m, 1, "", "", 48, 63, 700, 7000, 20);
	m.effects[1].kind = JOURNEY_EFFECT_REPEAT;
	assert_int_equal(found(&m, 7600, &a).n_findings, 2);
	m.n = 0;
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	add(&m, 1, "", "", 46, 63, 600, 7000, 20);
	m.effects[1].kind = JOURNEY_EFFECT_REPEAT;
	assert_int_equal(found(&m, 7600, &a).n_findings, 2);
	m.n = 0;
	add(&m, 1, "", "", 48, 63, 600, 7000, 20);
	add(&m, 2, "", "", 48, 63, 600, 7000, 20);
	m.effects[1].kind = JOURNEY_EFFECT_FAILURE;
	assert_int_equal(found(&m, 7600, &a).n_findings, 2);
	arena_done(&a);
}

/* `within`: what is left of the difference in one country at a time, for `n` of the ratings. */
static void inside(struct made *m, double within, int64_t n)
{
	m->effects[m->n - 1].within_diff = within;
	m->effects[m->n - 1].within_n = n;
}

static void what_a_country_makes_is_no_finding_about_a_step(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	/* A way to pay that one country prefers: nothing is left inside. */
	struct made m = { .n = 0 };
	add(&m, 2, "method", "card", 50, 60, 600, 2000, 20);
	inside(&m, -0.4, 580);
	assert_int_equal(found(&m, 2600, &a).n_findings, 0);
	/* The sign turns inside. */
	inside(&m, 6, 580);
	assert_int_equal(found(&m, 2600, &a).n_findings, 0);
	/* It is as bad inside. */
	inside(&m, -9, 580);
	assert_int_equal(found(&m, 2600, &a).n_findings, 1);
	/* A country has no other inside itself: it must be worse here than at the other steps. */
	m.n = 0;
	add(&m, 1, "country", "IR", 57, 60, 600, 2000, 20);
	inside(&m, NAN, 0);
	add(&m, 2, "country", "IR", 56, 60, 600, 2000, 20);
	inside(&m, NAN, 0);
	assert_int_equal(found(&m, 2600, &a).n_findings, 0);
	m.n = 0;
	add(&m, 1, "country", "IR", 58, 60, 600, 2000, 20);
	inside(&m, NAN, 0);
	add(&m, 2, "country", "IR", 48, 60, 600, 2000, 20);
	inside(&m, NAN, 0);
	const struct maps_measured mm = found(&m, 2600, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.touchpoint, 2);
	arena_done(&a);
}

static void a_value_is_told_where_it_shows_and_of_equals_where_most_are(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	add(&m, 1, "carrier", "slow", 55, 60, 600, 2000, 20);
	add(&m, 2, "carrier", "slow", 55.4, 60, 1200, 4000, 20);
	struct maps_measured mm = found(&m, 5200, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.touchpoint, 2);
	m.effects[0].with.mean = 48;
	mm = found(&m, 5200, &a);
	assert_int_equal(mm.n_findings, 1);
	assert_int_equal(mm.findings[0].effect.touchpoint, 1);
	arena_done(&a);
}

static void small_reach_and_small_differences_are_left_out_and_size_ranks(void **state)
{
	struct arena a;
	arena_init(&a, 4 << 20);
	struct made m = { .n = 0 };
	add(&m, 1, "", "", 20, 60, 19, 5000, 10);        /* fewer than 20 */
	add(&m, 2, "", "", 20, 60, 40, 5000, 10);        /* under 1 % of 10,000 */
	add(&m, 3, "", "", 58, 60, 4000, 4000, 10);      /* 2 points, surely */
	add(&m, 2, "city", "x", 30, 60, 200, 5000, 10);  /* 6,000 */
	add(&m, 3, "city", "y", 50, 60, 1000, 4000, 10); /* 10,000 */
	const struct maps_measured mm = found(&m, 10000, &a);
	assert_int_equal(mm.n_findings, 2);
	assert_str(mm.findings[0].effect.value, "y");
	assert_int_equal(mm.findings[0].rank, 1);
	assert_int_equal(mm.findings[1].rank, 2);
	assert_true(mm.findings[0].size > mm.findings[1].size);
	arena_done(&a);
}

/*
 * Maps of 40 candidates, ratings of one shop where 70 % give five stars, and
 * no effect anywhere: under the complete null the share of maps with any
 * finding is the false discovery rate. It stays at or under 5 %, three
 * standard errors allowed.
 */
static void nothing_is_found_where_nothing_is(void **state)
{
	const uint64_t seed = 20261122;
	const int runs = 600;
	int wrong = 0;
	struct rng r;
	rng_init(&r, seed, 0);
	for (int run = 0; run < runs; run++) {
		struct arena a;
		arena_init(&a, 4 << 20);
		struct made m = { .n = 0 };
		char names[20][8];
		for (int d = 0; d < 20; d++) {
			snprintf(names[d], sizeof names[d], "d%d", d);
			for (int v = 0; v < 2; v++) {
				struct stats_moments side[2] = { { .n = 0 }, { .n = 0 } };
				for (int s = 0; s < 2; s++) {
					const int n = s ? 150 : 20 + (int)rng_below(&r, 60);
					for (int i = 0; i < n; i++)
						stats_see(&side[s],
						          rng_unit(&r) < 0.7 ? 100 : 25.0 * (double)rng_below(&r, 4));
				}
				add(&m, (uint16_t)(1 + d % 3), names[d], v ? "b" : "a", side[0].mean, side[1].mean,
				    side[0].n, side[1].n, 1);
				m.effects[m.n - 1].with.se = sqrt(stats_var(&side[0]) / (double)side[0].n);
				m.effects[m.n - 1].without.se = sqrt(stats_var(&side[1]) / (double)side[1].n);
			}
		}
		const struct maps_measured mm = found(&m, 200, &a);
		wrong += mm.n_findings > 0;
		arena_done(&a);
	}
	const double limit = 0.05 + 3 * sqrt(0.05 * 0.95 / runs);
	if ((double)wrong / runs > limit)
		fail_msg("%d of %d empty maps have findings, seed %llu", wrong, runs, (unsigned long long)seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_values_one_is_told),
		cmocka_unit_test(one_bad_value_does_not_make_the_others_delights),
		cmocka_unit_test(what_is_alike_everywhere_is_no_finding_about_a_step),
		cmocka_unit_test(one_fact_at_one_step_is_told_once),
		cmocka_unit_test(what_a_country_makes_is_no_finding_about_a_step),
		cmocka_unit_test(a_value_is_told_where_it_shows_and_of_equals_where_most_are),
		cmocka_unit_test(small_reach_and_small_differences_are_left_out_and_size_ranks),
		cmocka_unit_test(nothing_is_found_where_nothing_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
