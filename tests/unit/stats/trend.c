#include "tests/unit/stats/stats.h"

static struct arena arena;

static void shares_of_smokers_trend_as_in_rs_help(void **state)
{
	static const struct stats_count c[] = { { 83, 86 }, { 90, 93 }, { 129, 136 }, { 70, 82 } }; /* methods 1 */
	static const double t[] = { 1, 2, 3, 4 }, shifted[] = { 10, 20, 30, 40 }, flat[] = { 2, 2, 2, 2 };
	struct stats_share_trend r, other;
	assert_int_equal(stats_trend_shares(c, t, 4, &r, NULL), OK);
	assert_close(r.chi2, 8.2249, 5.1e-5);
	assert_close(r.p, .004132, 5.1e-7);
	assert_int_equal(r.sign, -1);
	assert_int_equal(stats_trend_shares(c, shifted, 4, &other, NULL), OK);
	assert_close(other.chi2, r.chi2, 1e-9);
	assert_int_equal(stats_trend_shares(c, flat, 4, &r, NULL), OK);
	assert_close(r.p, 1, 0);
	static const struct stats_count all[] = { { 5, 5 }, { 7, 7 } }, wrong[] = { { 6, 5 } };
	assert_int_equal(stats_trend_shares(all, t, 2, &r, NULL), OK);
	assert_close(r.p, 1, 0);
	assert_int_equal(stats_trend_shares(c, t, 0, &r, NULL), OK);
	assert_int_equal(stats_trend_shares(wrong, t, 1, &r, NULL), ERR_INPUT);
}

static void a_line_is_weighted_by_what_is_known(void **state)
{
	static const struct stats_point even[] = { { 0, 1, 1 }, { 1, 2, 1 }, { 2, 4, 1 } };
	static const struct stats_point sure[] = { { 0, 1, 1e-6 }, { 1, 2, 1e-6 }, { 2, 9, 1e6 } };
	struct stats_estimate e;
	double p;
	assert_int_equal(stats_trend_line(even, 3, &e, &p, NULL), OK);
	assert_close(e.est, 1.5, 1e-12);
	assert_close(e.hi - e.est, STATS_Z95 / sqrt(2), 1e-12);
	assert_close(p, 2 * stats_normal_cdf(-1.5 * sqrt(2)), 1e-12);
	assert_int_equal(stats_trend_line(sure, 3, &e, &p, NULL), OK);
	assert_close(e.est, 1, 1e-9);
	assert_int_equal(stats_trend_line(even, 1, &e, &p, NULL), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	static const struct stats_point same[] = { { 3, 1, 1 }, { 3, 2, 1 } }, bad[] = { { 3, 1, 0 } };
	assert_int_equal(stats_trend_line(same, 2, &e, &p, NULL), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_close(p, 1, 0);
	assert_int_equal(stats_trend_line(bad, 1, &e, &p, NULL), ERR_INPUT);
}

static const double year[] = { 31, 28, 33, 35, 30, 38, 36, 41, 40, 39, 44, 43 }; /* methods 1 */

static void mann_and_kendall_and_sen_give_the_recomputed_values(void **state)
{
	struct stats_trend r;
	assert_int_equal(stats_mann_kendall(year, 12, 1, &arena, &r, NULL), OK);
	assert_int_equal(r.s, 48);
	assert_close(r.z, 3.2229, 5.1e-5);
	assert_close(r.p, .00127, 5.1e-6);
	assert_close(r.sen.est, 1.3167, 5.1e-5);
	assert_true(r.sen.lo > 0 && r.sen.lo < r.sen.lo80 && r.sen.hi80 < r.sen.hi);
	assert_false(r.exact);

	/* Turned round it is the mirror; a gap keeps the time between its neighbours. */
	double back[12], gap[13];
	struct stats_trend m;
	for (size_t i = 0; i < 12; i++) back[i] = year[11 - i];
	assert_int_equal(stats_mann_kendall(back, 12, 1, &arena, &m, NULL), OK);
	assert_int_equal(m.s, -48);
	assert_close(m.sen.est, -r.sen.est, 1e-12);
	assert_close(m.sen.lo, -r.sen.hi, 1e-12);
	for (size_t i = 0; i < 13; i++) gap[i] = i == 6 ? NAN : 2 * (double)i;
	assert_int_equal(stats_mann_kendall(gap, 13, 1, &arena, &m, NULL), OK);
	assert_close(m.sen.est, 2, 1e-12);
	assert_int_equal(m.sen.n, 12);
}

static void ties_take_off_variance(void **state)
{
	/* 1 1 2 2 2 3: s = 11; (6*5*17 - 2*1*9 - 3*2*11) / 18 = 426 / 18. */
	static const double x[] = { 1, 1, 2, 2, 2, 3 }, flat[] = { 4, 4, 4, 4 };
	struct stats_trend r;
	assert_int_equal(stats_mann_kendall(x, 6, 1, &arena, &r, NULL), OK);
	assert_int_equal(r.s, 11);
	assert_close(r.var, 426.0 / 18, 1e-12);
	assert_close(r.z, 10 / sqrt(426.0 / 18), 1e-12);
	assert_false(r.exact);
	assert_int_equal(stats_mann_kendall(flat, 4, 1, &arena, &r, NULL), OK);
	assert_close(r.p, 1, 0);
	assert_close(r.sen.est, 0, 0);
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void the_median_slope_is_that_of_the_sorted_ones(void **state)
{
	struct rng r;
	rng_init(&r, 31, 0);
	for (int run = 0; run < 300; run++) {
		double x[40], slopes[800];
		size_t n = 3 + rng_below(&r, 37), k = 0;
		struct stats_trend t;
		for (size_t i = 0; i < n; i++) x[i] = rng_below(&r, 6) ? (double)rng_below(&r, 5) : NAN;
		for (size_t i = 0; i < n; i++)
			for (size_t j = i + 1; j < n; j++)
				if (!isnan(x[i] + x[j])) slopes[k++] = (x[j] - x[i]) / (double)(j - i);
		assert_int_equal(stats_mann_kendall(x, n, 1, &arena, &t, NULL), OK);
		if (t.sen.n < 3) continue;
		qsort(slopes, k, sizeof *slopes, by_value);
		assert_close(t.sen.est, (slopes[k / 2] + slopes[(k - 1) / 2]) / 2, 1e-12);
		assert_true(t.sen.lo >= slopes[0] && t.sen.lo <= t.sen.lo80 && t.sen.hi80 <= t.sen.hi &&
		            t.sen.hi <= slopes[k - 1]);
	}
}

static void few_figures_are_counted_exactly_and_two_say_nothing(void **state)
{
	struct stats_trend r;
	assert_int_equal(stats_mann_kendall((double[]){ 1, 2, 3, 4 }, 4, 1, &arena, &r, NULL), OK);
	assert_true(r.exact);
	assert_close(r.p, 2.0 / 24, 1e-12);
	/* Kendall's table: P(|S| >= 8) of five is 2 (1 + 4) / 120. */
	assert_int_equal(stats_mann_kendall((double[]){ 1, 2, 3, 5, 4 }, 5, 1, &arena, &r, NULL), OK);
	assert_int_equal(r.s, 8);
	assert_close(r.p, 10.0 / 120, 1e-12);
	assert_int_equal(stats_mann_kendall((double[]){ 1, 2, NAN }, 3, 1, &arena, &r, NULL), OK);
	assert_true(r.sen.flags & STATS_NOT_IDENTIFIED);
	assert_close(r.p, 1, 0);
	assert_int_equal(stats_mann_kendall(year, 12, 0, &arena, &r, NULL), ERR_INPUT);
	assert_int_equal(stats_mann_kendall((double[]){ 1, INFINITY, 2 }, 3, 1, &arena, &r, NULL), ERR_INPUT);
	static double many[STATS_TREND_MAX + 1];
	assert_int_equal(stats_mann_kendall(many, STATS_TREND_MAX + 1, 1, &arena, &r, NULL), ERR_LIMIT);
}

/* Three years of a strong season and a slow rise: s adds up over months, and only the seasonal test sees the rise. */
static void seasons_are_compared_with_themselves(void **state)
{
	double x[36];
	int64_t s = 0;
	for (size_t i = 0; i < 36; i++) x[i] = 20 * sin((double)(i % 12) * 0.5236) + 0.05 * (double)i;
	struct stats_trend seasonal, plain, one;
	assert_int_equal(stats_mann_kendall(x, 36, 12, &arena, &seasonal, NULL), OK);
	assert_int_equal(stats_mann_kendall(x, 36, 1, &arena, &plain, NULL), OK);
	for (size_t month = 0; month < 12; month++) {
		assert_int_equal(stats_mann_kendall((double[]){ x[month], x[month + 12], x[month + 24] }, 3, 1, &arena,
		                                    &one, NULL),
		                 OK);
		s += one.s;
	}
	assert_int_equal(seasonal.s, s);
	assert_int_equal(s, 36);
	assert_close(seasonal.var, 12 * 3 * 2 * 11 / 18.0, 1e-12);
	assert_true(seasonal.p < 1e-6 && plain.p > 0.05);
	assert_close(seasonal.sen.est, 0.05, 1e-9);
}

static void a_level_series_is_called_a_trend_as_rarely_as_said_and_a_slope_is_covered(void **state)
{
	int called = 0, inside = 0;
	const int runs = 1000;
	for (int run = 0; run < runs; run++) {
		double x[20];
		struct rng r;
		struct stats_trend t;
		rng_init(&r, 12, (uint64_t)run);
		for (size_t i = 0; i < 20; i++) x[i] = rng_normal(&r);
		assert_int_equal(stats_mann_kendall(x, 20, 1, &arena, &t, NULL), OK);
		called += t.p < 0.05;
		for (size_t i = 0; i < 20; i++) x[i] += 0.1 * (double)i;
		assert_int_equal(stats_mann_kendall(x, 20, 1, &arena, &t, NULL), OK);
		inside += t.sen.lo <= 0.1 && 0.1 <= t.sen.hi;
		arena_reset(&arena);
	}
	assert_in_band((double)called / runs, 0.03, 0.065);
	assert_in_band((double)inside / runs, 0.935, 0.975);
}

static int open_arena(void **state)
{
	arena_init(&arena, 64 << 20);
	return 0;
}

static int close_arena(void **state)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_of_smokers_trend_as_in_rs_help),
		cmocka_unit_test(a_line_is_weighted_by_what_is_known),
		cmocka_unit_test(mann_and_kendall_and_sen_give_the_recomputed_values),
		cmocka_unit_test(ties_take_off_variance),
		cmocka_unit_test(the_median_slope_is_that_of_the_sorted_ones),
		cmocka_unit_test(few_figures_are_counted_exactly_and_two_say_nothing),
		cmocka_unit_test(seasons_are_compared_with_themselves),
		cmocka_unit_test(a_level_series_is_called_a_trend_as_rarely_as_said_and_a_slope_is_covered),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
