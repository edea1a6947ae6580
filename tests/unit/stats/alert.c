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

static void less_than_expected_is_the_other_side(void **s)
{
	(void)s;
	const int64_t past[] = { 3, 4, 2, 5, 3, 4, 3, 2 }, wide[] = { 100, 20, 180, 60, 140, 40, 160, 100 };
	struct stats_lull out;
	struct stats_surprise above;
	assert_int_equal(stats_lull(past, 8, 7, &out, NULL), OK);
	assert_true(fabs(out.is.p - (1 - .02748224)) < 1e-8); /* P(Y <= 7) = 1 - P(Y >= 8) */
	assert_int_equal(stats_lull(past, 8, 0, &out, NULL), OK);
	/* P(Y = 0) = (b / (b + 1))^a with a = 26.5, b = 8. */
	assert_true(fabs(out.is.p - pow(8. / 9, 26.5)) < 1e-12);
	/* At least 95 of 100 lie between the bounds, and one less on either side is too few. */
	for (int64_t y = out.low; y <= out.low + 1; y++) {
		assert_int_equal(stats_surprise(past, NULL, 8, 1, y, &above, NULL), OK);
		assert_true((above.p >= .975) == (y == out.low));
	}
	for (int64_t y = out.high; y <= out.high + 1; y++) {
		assert_int_equal(stats_surprise(past, NULL, 8, 1, y, &above, NULL), OK);
		assert_true((above.p >= .025) == (y == out.high));
	}
	/* A past that spreads widely is not surprised by 30 where its mean is 100. */
	assert_int_equal(stats_lull(wide, 8, 30, &out, NULL), OK);
	assert_true(out.is.p > .05 && out.low < 30 && out.high > 180);
	assert_int_equal(stats_lull(past, 0, 1, &out, NULL), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_than_expected_is_the_other_side),
		cmocka_unit_test(tails_are_those_of_the_tables),
		cmocka_unit_test(the_past_lets_expect_the_next),
		cmocka_unit_test(a_wide_past_and_a_weight_make_it_less_surprised),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(false_alarms_are_as_rare_as_p_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
