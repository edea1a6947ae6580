/* Counts that surprise: docs/methods/alert.md. */
#include "tests/unit/unit.h"

#include <math.h>

#include "stats/alert.h"

static void tails_are_those_of_the_tables(void **s)
{
	(void)s;
	assert_float_equal(stats_poisson_upper(10, 3.2), .00176189, 1e-8);
	assert_float_equal(stats_poisson_upper(0, 3.2), 1, 0);
	assert_float_equal(stats_poisson_upper(1, 0), 0, 0);
	/* Size 2, stops with 1/2: P(Y >= 2) = 1 - 1/4 - 1/4. */
	assert_float_equal(stats_negbin_upper(2, 2, 2), .5, 1e-12);
}

static void the_past_lets_expect_the_next(void **s)
{
	(void)s;
	const int64_t past[] = { 3, 4, 2, 5, 3, 4, 3, 2 };
	struct stats_surprise out;
	assert_int_equal(stats_surprise(past, NULL, 8, 1, 10, &out, NULL), OK);
	assert_float_equal(out.p, .00426137, 1e-8);
	assert_float_equal(out.expected, 26.5 / 8, 1e-12);
	assert_float_equal(out.spread, 1, 0);
	assert_int_equal(stats_surprise(past, NULL, 8, 1, 8, &out, NULL), OK);
	assert_float_equal(out.p, .02748224, 1e-8);
	assert_int_equal(stats_surprise(past, NULL, 8, 2, 8, &out, NULL), OK);
	assert_float_equal(out.expected, 26.5 / 4, 1e-12);
}

static void a_wide_past_and_a_weight_make_it_less_surprised(void **s)
{
	(void)s;
	const int64_t wide[] = { 0, 12, 1, 0, 14, 0, 1, 0 }, one[] = { 2, 1, 3, 2, 40 };
	const double weights[] = { 1, 1, 1, 1, 0 };
	struct stats_surprise out, all;
	assert_int_equal(stats_surprise(wide, NULL, 8, 1, 9, &out, NULL), OK);
	assert_true(out.spread > 5 && out.p > .05 && out.p < .3);
	assert_int_equal(stats_surprise(one, NULL, 5, 1, 9, &all, NULL), OK);
	assert_int_equal(stats_surprise(one, weights, 5, 1, 9, &out, NULL), OK);
	assert_float_equal(out.expected, 8.5 / 4, 1e-12);
	assert_true(out.p < .01 && all.p > .1);
}

static void what_cannot_be_is_refused(void **s)
{
	(void)s;
	const int64_t past[] = { 1, -1 };
	struct stats_surprise out;
	struct err err;
	assert_int_equal(stats_surprise(past, NULL, 2, 1, 1, &out, &err), ERR_INPUT);
	assert_int_equal(stats_surprise(past, NULL, 0, 1, 1, &out, &err), ERR_INPUT);
	assert_int_equal(stats_surprise(past, NULL, 1, 0, 1, &out, &err), ERR_INPUT);
	assert_int_equal(stats_surprise(past, NULL, 1, INFINITY, 1, &out, &err), ERR_INPUT);
	assert_string_equal(err.id, "stats.alert");
}

/* By what it says it will be: of counts drawn from the same rate few are below 1 %. */
static void false_alarms_are_as_rare_as_p_says(void **s)
{
	(void)s;
	struct rng r;
	int alarms = 0;
	rng_init(&r, 7, 0);
	for (int k = 0; k < 20000; k++) {
		int64_t y[9];
		for (int i = 0; i < 9; i++) {
			double left = exp(-3.0), u = rng_unit(&r), term = left;
			for (y[i] = 0; u > left && y[i] < 100; left += term) term *= 3.0 / (double)++y[i];
		}
		struct stats_surprise out;
		assert_int_equal(stats_surprise(y, NULL, 8, 1, y[8], &out, NULL), OK);
		alarms += out.p <= .01;
	}
	assert_true(alarms > 40 && alarms <= 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_are_those_of_the_tables),
		cmocka_unit_test(the_past_lets_expect_the_next),
		cmocka_unit_test(a_wide_past_and_a_weight_make_it_less_surprised),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(false_alarms_are_as_rare_as_p_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
