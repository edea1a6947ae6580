/* Segments against their slow twin, and rules worked out by hand. */
#include "tests/oracle/segment.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

enum { RUNS = 3, CUSTOMERS = 12, LOGS = 6000 };

static struct journey_set *members(const struct olog *l, const struct journey_segment_node *n, struct arena *a,
                                   int64_t *of)
{
	struct journey_columns c[RUNS];
	struct journey_schema s;
	struct journey_segment_plan *plan;
	struct journey_set *set = NULL;
	struct err err = { 0 };
	const struct journey_segment segment = { n, STR("") };
	olog_columns(l, RUNS, a, c, &s);
	if (journey_segment_compile(&segment, &s, a, &plan, &err) != OK) fail_msg("%s", err.text);
	struct journey_segment_pass *one = journey_segment_new(plan), *two = journey_segment_new(plan);
	for (int i = 0; i < RUNS; i++) journey_segment_add(i % 2 ? two : one, &c[i]);
	journey_segment_merge(one, two);
	assert_int_equal(journey_segment_take(one, &set, of, &err), OK);
	journey_segment_free(one);
	journey_segment_free(two);
	return set;
}

static void random_rules_take_whom_their_twin_takes(void **state)
{
	struct arena a;
	int64_t of = 0, taken = 0;
	arena_init(&a, 256 * MIB);
	for (uint64_t seed = 1; seed <= LOGS; seed++) {
		struct olog l;
		const struct oshape shape = { CUSTOMERS, 9, 4, (int)(1 + seed % 15), true };
		arena_reset(&a);
		olog_make(&l, &a, seed, &shape);
		const struct journey_segment_node *n = osegment_make(&a, seed);
		struct journey_set *set = members(&l, n, &a, &of);
		int64_t people = 0;
		for (uint32_t c = 1; c <= CUSTOMERS; c++) {
			const bool want = osegment_has(&l, n, c, &a);
			if (journey_set_has(set, c) != want)
				fail_msg("seed %llu, customer %u: the twin says %d", (unsigned long long)seed, c, want);
			taken += want;
			bool there = false;
			for (size_t i = 0; i < l.n && !there; i++) there = l.rows[i].customer == c;
			people += there;
		}
		assert_int_equal(of, people);
		journey_set_free(set);
	}
	/* Rules that took nobody, or everybody, would prove nothing. */
	assert_true(taken > LOGS * CUSTOMERS / 5 && taken < LOGS * CUSTOMERS * 4 / 5);
	arena_done(&a);
	(void)state;
}

static struct orow row(uint32_t customer, int64_t at_ms, const char *event)
{
	static uint64_t arrival;
	return (struct orow){ .customer = customer,
		              .at_ms = at_ms,
		              .arrival = ++arrival,
		              .event = event,
		              .channel = "",
		              .key = "",
		              .colour = "",
		              .about = "",
		              .score = NAN,
		              .overrun_ms = NAN,
		              .wait_ms = NAN,
		              .effort = NAN,
		              .money = NAN,
		              .currency = "" };
}

/* A window between steps is filled by the latest step before, a window over all by the latest first step. */
static void a_sequence_finds_the_chain_that_fits(void **state)
{
	struct orow rows[] = { row(1, 0, "a"),   row(1, 50, "a"), row(1, 60, "b"), row(1, 100, "b"),
		               row(1, 130, "c"), row(2, 0, "a"),  row(2, 10, "b"), row(2, 100, "a"),
		               row(2, 130, "c"), row(3, 0, "a"),  row(3, 0, "b"),  row(3, 0, "c") };
	const struct olog l = { rows, COUNT_OF(rows), 130 };
	const struct journey_segment_step plain[] = { { .event = STR("a") },
		                                      { .event = STR("b") },
		                                      { .event = STR("c") } },
	                                  short_steps[] = { { .event = STR("a") },
		                                            { .event = STR("b"), .within_ms = 20 },
		                                            { .event = STR("c"), .within_ms = 30 } },
	                                  direct[] = { { .event = STR("a") },
		                                       { .event = STR("b") },
		                                       { .event = STR("c"), .directly = true } };
	const struct {
		const struct journey_segment_step *steps;
		int64_t within_ms;
		bool takes[3];
	} cases[] = { { plain, 0, { true, true, true } },
		      { plain, 80, { true, false, true } },
		      { plain, 79, { false, false, true } },
		      { short_steps, 0, { false, false, true } },
		      { direct, 0, { true, false, true } } };
	struct arena a;
	arena_init(&a, 16 * MIB);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t of;
		const struct journey_segment_node n = { .op = JOURNEY_SEGMENT_SEQUENCE,
			                                .steps = cases[i].steps,
			                                .n_steps = 3,
			                                .within_ms = cases[i].within_ms,
			                                .from_ms = INT64_MIN,
			                                .to_ms = INT64_MAX };
		struct journey_set *set = members(&l, &n, &a, &of);
		for (uint32_t c = 1; c <= 3; c++) assert_int_equal(journey_set_has(set, c), cases[i].takes[c - 1]);
		journey_set_free(set);
	}
	arena_done(&a);
	(void)state;
}

static void too_many_conditions_are_refused(void **state)
{
	struct orow rows[] = { row(1, 0, "a") };
	const struct olog l = { rows, 1, 0 };
	struct journey_columns c[1];
	struct journey_schema s;
	struct journey_segment_plan *plan;
	struct journey_segment_node nodes[2 * JOURNEY_SEGMENT_LEAVES_MAX + 1] = { 0 };
	struct err err;
	struct arena a;
	arena_init(&a, 16 * MIB);
	olog_columns(&l, 1, &a, c, &s);
	size_t n = 0;
	nodes[n++] = (struct journey_segment_node){ .op = JOURNEY_SEGMENT_COMMENTED };
	for (int i = 0; i < JOURNEY_SEGMENT_LEAVES_MAX; i++) {
		nodes[n] = (struct journey_segment_node){ .op = JOURNEY_SEGMENT_COMMENTED };
		nodes[n + 1] =
		        (struct journey_segment_node){ .op = JOURNEY_SEGMENT_OR, .a = &nodes[n - 1], .b = &nodes[n] };
		n += 2;
	}
	const struct journey_segment most = { &nodes[n - 3], STR("") }, over = { &nodes[n - 1], STR("") };
	assert_int_equal(journey_segment_compile(&most, &s, &a, &plan, &err), OK);
	assert_int_equal(journey_segment_compile(&over, &s, &a, &plan, &err), ERR_LIMIT);
	arena_done(&a);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rules_take_whom_their_twin_takes),
		cmocka_unit_test(a_sequence_finds_the_chain_that_fits),
		cmocka_unit_test(too_many_conditions_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
