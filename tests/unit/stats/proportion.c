#include "tests/unit/stats/stats.h"

static void wilson_and_exact_give_newcombes_table(void **state)
{
	static const struct {
		int64_t k, n;
		double wl, wh, cl, ch;
	} t[] = {
		/* methods 1 */
		{ 81, 263, .2553, .3662, .2527, .3676 }, { 15, 148, .0624, .1605, .0578, .1617 },
		{ 0, 20, 0, .1611, 0, .1684 },           { 1, 29, .0061, .1718, .0009, .1776 },
		{ 8, 10, .4902, .9433, .4439, .9748 },
	};
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct interval w, c;
		assert_int_equal(stats_wilson(t[i].k, t[i].n, STATS_Z95, &w, NULL), OK);
		assert_close(w.low, t[i].wl, 5.1e-5);
		assert_close(w.high, t[i].wh, 5.1e-5);
		assert_int_equal(stats_exact(t[i].k, t[i].n, 0.95, &c, NULL), OK);
		assert_close(c.low, t[i].cl, 5.1e-5);
		assert_close(c.high, t[i].ch, 5.1e-5);
	}
	struct interval all;
	assert_int_equal(stats_wilson(10, 10, STATS_Z95, &all, NULL), OK);
	assert_close(all.low, .7225, 5.1e-5);
	assert_close(all.high, 1, 1e-12);
}

static void impossible_counts_are_errors_and_nobody_is_no_number(void **state)
{
	struct interval w;
	struct err err = { 0 };
	assert_int_equal(stats_wilson(3, 2, STATS_Z95, &w, &err), ERR_INPUT);
	assert_string_equal(err.id, "wilson.counts");
	assert_int_equal(stats_wilson(0, 0, STATS_Z95, &w, &err), ERR_INPUT);
	assert_int_equal(stats_wilson(-1, 2, STATS_Z95, &w, &err), ERR_INPUT);
	struct stats_estimate e;
	assert_int_equal(stats_proportion(0, 0, &e, &err), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	struct stats_nps_counts none = { 0 }, wrong = { -1, 0, 0 };
	assert_int_equal(stats_nps(&none, &e, &err), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_int_equal(stats_nps(&wrong, &e, &err), ERR_INPUT);
}

static void wilson_of_the_misses_is_the_mirror_and_narrows_with_n(void **state)
{
	for (int64_t n = 1; n < 60; n++) {
		double width = 2;
		for (int64_t k = 0; k <= n; k++) {
			struct interval a, b;
			assert_int_equal(stats_wilson(k, n, STATS_Z95, &a, NULL), OK);
			assert_int_equal(stats_wilson(n - k, n, STATS_Z95, &b, NULL), OK);
			assert_close(a.low, 1 - b.high, 1e-12);
			assert_true(a.low >= 0 && a.high <= 1 && a.low < a.high);
		}
		struct interval m;
		assert_int_equal(stats_wilson(n * 5, n * 10, STATS_Z95, &m, NULL), OK);
		assert_true(m.high - m.low < width);
		width = m.high - m.low;
	}
}

static void newcombe_gives_his_worked_example(void **state)
{
	struct stats_estimate e;
	assert_int_equal(stats_newcombe((struct stats_count){ 56, 70 }, (struct stats_count){ 48, 80 }, &e, NULL), OK);
	assert_close(e.est, .2, 1e-12);
	assert_close(e.lo, .0524, 5.1e-5);
	assert_close(e.hi, .3339, 5.1e-5);
	assert_true(e.lo < e.lo80 && e.hi80 < e.hi);
}

static void p_of_one_share_is_that_of_pearson(void **state)
{
	/* 0.2^2 / (104 * 46 / 150^2 * (1 / 70 + 1 / 80)) = 7.02342; the square of a normal 2.65018. */
	const struct stats_count a = { 56, 70 }, b = { 48, 80 }, none = { 0, 70 }, all = { 80, 80 }, empty = { 0, 0 };
	const double p = stats_same_share(a, b), z = 2.650174;
	assert_true(fabs(p - 2 * (1 - stats_normal_cdf(z))) < 1e-6);
	assert_true(fabs(p - 0.00804) < 1e-5);
	assert_true(stats_same_share(b, a) == p);
	assert_true(stats_same_share(a, empty) == 1);
	assert_true(stats_same_share(none, (struct stats_count){ 0, 80 }) == 1);
	assert_true(stats_same_share((struct stats_count){ 70, 70 }, all) == 1);
	assert_true(stats_same_share(none, all) < 1e-30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilson_and_exact_give_newcombes_table),
		cmocka_unit_test(impossible_counts_are_errors_and_nobody_is_no_number),
		cmocka_unit_test(wilson_of_the_misses_is_the_mirror_and_narrows_with_n),
		cmocka_unit_test(newcombe_gives_his_worked_example),
		cmocka_unit_test(p_of_one_share_is_that_of_pearson),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
