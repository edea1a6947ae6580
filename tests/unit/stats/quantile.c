#include "tests/unit/stats/stats.h"

static void ranks_of_the_median_cover_what_they_say(void **state)
{
	int64_t lo, hi;
	/* The table in every textbook: n = 10, ranks 2 and 9, covers .9785; five values cannot carry 95 %. */
	assert_true(stats_quantile_ranks(10, 0.5, 0.95, &lo, &hi));
	assert_int_equal(lo, 2);
	assert_int_equal(hi, 9);
	assert_false(stats_quantile_ranks(5, 0.5, 0.95, &lo, &hi));
	assert_true(stats_quantile_ranks(6, 0.5, 0.95, &lo, &hi));
	for (int64_t n = 6; n < 300; n += 7)
		for (double q = 0.1; q < 0.95; q += 0.2) {
			if (!stats_quantile_ranks(n, q, 0.95, &lo, &hi)) continue;
			const double below = stats_binomial_cdf(lo - 1, n, q),
			             above = 1 - stats_binomial_cdf(hi - 1, n, q);
			assert_true(below <= 0.025 + 1e-12 && above <= 0.025 + 1e-12);
			/* and no narrower pair would do */
			assert_true(stats_binomial_cdf(lo, n, q) > 0.025);
			assert_true(1 - stats_binomial_cdf(hi - 2, n, q) > 0.025);
		}
}

static void a_quantile_moves_with_its_data_and_needs_some(void **state)
{
	double x[101], y[101];
	for (int i = 0; i <= 100; i++) x[i] = i * i, y[i] = 5 + 2 * x[i];
	struct stats_estimate a, b;
	stats_quantile(x, 101, 0.9, &a);
	stats_quantile(y, 101, 0.9, &b);
	assert_close(a.est, 8100, 1e-9);
	assert_close(b.lo, 5 + 2 * a.lo, 1e-9);
	assert_close(b.hi80, 5 + 2 * a.hi80, 1e-9);
	stats_quantile(x, 3, 0.5, &a);
	assert_close(a.est, 1, 0);
	assert_true(a.flags & STATS_NOT_IDENTIFIED);
	stats_quantile(NULL, 0, 0.5, &a);
	assert_true(a.flags & STATS_NOT_IDENTIFIED);
}

static void benjamini_hochberg_gives_their_example(void **state)
{
	static const double p[] = { .0298, .0001, .0004, .0019, .0095, .0201, .0278, .0344,
		                    .0459, .3240, .4262, .5719, .6528, .7590, 1 };
	double q[15];
	struct arena a;
	arena_init(&a, 1 << 16);
	assert_int_equal(stats_bh(p, 15, &a, q, NULL), OK);
	static const double want[] = { .0015, .003, .0095, .035625, .0603 }; /* of the five smallest, methods 3.6 */
	for (int i = 0; i < 5; i++) assert_close(q[i + 1], want[i], 1e-12);
	int rejected = 0;
	for (int i = 0; i < 15; i++) rejected += q[i] <= 0.05;
	assert_int_equal(rejected, 4);
	double bad[1] = { 2 };
	assert_int_equal(stats_bh(bad, 1, &a, q, NULL), ERR_INPUT);
	assert_int_equal(stats_bh(p, 0, &a, q, NULL), OK);
	arena_done(&a);
}

static void adjusted_values_keep_the_order_and_never_fall(void **state)
{
	struct rng r;
	rng_init(&r, 5, 0);
	struct arena a;
	arena_init(&a, 1 << 20);
	for (int run = 0; run < 100; run++) {
		double p[30], q[30];
		for (int i = 0; i < 30; i++) p[i] = rng_unit(&r);
		p[3] = p[17];
		assert_int_equal(stats_bh(p, 30, &a, q, NULL), OK);
		assert_close(q[3], q[17], 0);
		for (int i = 0; i < 30; i++)
			for (int k = 0; k < 30; k++)
				assert_true(q[i] >= p[i] && q[i] <= 1 && (p[i] > p[k] || q[i] <= q[k]));
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_of_the_median_cover_what_they_say),
		cmocka_unit_test(a_quantile_moves_with_its_data_and_needs_some),
		cmocka_unit_test(benjamini_hochberg_gives_their_example),
		cmocka_unit_test(adjusted_values_keep_the_order_and_never_fall),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
