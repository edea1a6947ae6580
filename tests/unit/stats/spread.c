#include "tests/unit/stats/stats.h"

static void the_worked_example_gives_its_tau(void **state)
{
	/* methods 2.4 */
	const double x[] = { 62, 71, 55, 80, 48, 66 }, v[] = { 9, 16, 4, 25, 6.25, 12 };
	struct stats_estimate e;
	double p;
	stats_spread(x, v, 6, &e, &p);
	assert_close(e.est * e.est, 115.62355, 1e-4);
	assert_close(p, stats_chi2_upper(54.9926, 5), 1e-8);
	assert_true(0 < e.lo && e.lo < e.lo80 && e.lo80 < e.est && e.est < e.hi80 && e.hi80 < e.hi);
}

static void what_noise_explains_is_no_spread(void **state)
{
	const double x[] = { 60, 61, 59.5 }, v[] = { 9, 9, 9 };
	struct stats_estimate e;
	double p;
	stats_spread(x, v, 3, &e, &p);
	assert_true(e.est <= 0 && e.lo <= 0 && e.hi > 0 && p > 0.5);
	stats_spread(x, v, 1, &e, &p);
	assert_true((e.flags & STATS_NOT_IDENTIFIED) && p >= 1);
}

/* Eight groups with tau 6 and different noise. */
static void the_interval_covers_the_true_spread(void **state)
{
	struct rng r;
	rng_init(&r, 3, 3);
	int covered = 0, above = 0;
	for (int run = 0; run < 400; run++) {
		double x[8], v[8], p;
		struct stats_estimate e;
		for (int i = 0; i < 8; i++) {
			v[i] = 2 + 3 * i;
			x[i] = 60 + 6 * rng_normal(&r) + sqrt(v[i]) * rng_normal(&r);
		}
		stats_spread(x, v, 8, &e, &p);
		covered += e.lo <= 6 && 6 <= e.hi;
		above += e.est > 6;
	}
	assert_in_range(covered, 365, 395);
	assert_in_range(above, 140, 240);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_gives_its_tau),
		cmocka_unit_test(what_noise_explains_is_no_spread),
		cmocka_unit_test(the_interval_covers_the_true_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
