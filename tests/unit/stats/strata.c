#include "tests/unit/stats/stats.h"

/* The thirteen trials of BCG against tuberculosis (Colditz 1994): vaccinated cases and others, controls likewise. */
static const int64_t bcg[13][4] = {
	{ 4, 119, 11, 128 },      { 6, 300, 29, 274 },      { 3, 228, 11, 209 },        { 62, 13536, 248, 12619 },
	{ 33, 5036, 47, 5761 },   { 180, 1361, 372, 1079 }, { 8, 2537, 10, 619 },       { 505, 87886, 499, 87892 },
	{ 29, 7470, 45, 7232 },   { 17, 1699, 65, 1600 },   { 186, 50448, 141, 27197 }, { 5, 2493, 3, 2338 },
	{ 27, 16886, 29, 17825 },
};

static void the_bcg_trials_give_what_exact_fractions_give(void **state)
{
	struct stats_stratum s[13];
	struct stats_estimate e;
	double p;
	for (int i = 0; i < 13; i++)
		s[i] = (struct stats_stratum){ { bcg[i][0], bcg[i][0] + bcg[i][1] },
			                       { bcg[i][2], bcg[i][2] + bcg[i][3] } };
	assert_int_equal(stats_risk_difference(s, 13, &e, &p, NULL), OK);
	/* Formulas of the sources in Python's fractions, rounded once at the end. */
	assert_close(e.est, -0.003288181832612999, 1e-15);
	assert_close((e.hi - e.lo) / (2 * STATS_Z95), 0.0002866567485273736, 1e-15);
	assert_int_equal(e.n, 357347);
	assert_true(p < 1e-20 && e.method == STATS_MANTEL_HAENSZEL);
}

static void one_stratum_is_the_plain_difference(void **state)
{
	const struct stats_stratum s = { { 56, 70 }, { 48, 80 } };
	struct stats_estimate e;
	double p;
	assert_int_equal(stats_risk_difference(&s, 1, &e, &p, NULL), OK);
	assert_close(e.est, 0.2, 1e-15);
	assert_close(e.n_eff, 4.0 * 70 * 80 / 150, 1e-12);
}

static void sides_that_change_places_change_the_sign_alone(void **state)
{
	struct rng r;
	rng_init(&r, 11, 1);
	for (int i = 0; i < 500; i++) {
		struct stats_stratum s[5], t[5];
		for (int k = 0; k < 5; k++) {
			s[k].with.n = (int64_t)rng_below(&r, 9), s[k].without.n = (int64_t)rng_below(&r, 9);
			s[k].with.hits = (int64_t)rng_below(&r, (uint64_t)s[k].with.n + 1);
			s[k].without.hits = (int64_t)rng_below(&r, (uint64_t)s[k].without.n + 1);
			t[k] = (struct stats_stratum){ s[k].without, s[k].with };
		}
		struct stats_estimate a, b;
		double pa, pb;
		assert_int_equal(stats_risk_difference(s, 5, &a, &pa, NULL), OK);
		assert_int_equal(stats_risk_difference(t, 5, &b, &pb, NULL), OK);
		assert_int_equal(a.flags, b.flags);
		assert_close(a.est, -b.est, 1e-12);
		assert_close(a.lo, -b.hi, 1e-9);
		assert_close(pa, pb, 1e-9);
	}
}

/* Few people a stratum, many strata, outcomes that differ between strata: 2,000 draws of one true difference. */
static void the_interval_covers_a_true_difference_over_many_small_strata(void **state)
{
	struct rng r;
	rng_init(&r, 5, 7);
	int covered = 0;
	for (int run = 0; run < 2000; run++) {
		struct stats_stratum s[60];
		for (int k = 0; k < 60; k++) {
			const double base = 0.05 + 0.6 * (double)k / 60;
			s[k] = (struct stats_stratum){ { 0, 1 + k % 4 }, { 0, 1 + k % 3 } };
			for (int64_t i = 0; i < s[k].with.n; i++) s[k].with.hits += rng_unit(&r) < base + 0.22;
			for (int64_t i = 0; i < s[k].without.n; i++) s[k].without.hits += rng_unit(&r) < base;
		}
		struct stats_estimate e;
		double p;
		assert_int_equal(stats_risk_difference(s, 60, &e, &p, NULL), OK);
		covered += e.lo <= 0.22 && 0.22 <= e.hi;
	}
	print_message("covered %d of 2000\n", covered);
	assert_in_range(covered, 1870, 1930);
}

static void nothing_to_compare_is_said(void **state)
{
	struct stats_estimate e;
	struct err err = { 0 };
	double p;
	const struct stats_stratum apart[] = { { { 3, 5 }, { 0, 0 } }, { { 0, 0 }, { 2, 4 } } },
	                           never = { { 0, 9 }, { 0, 9 } }, wrong = { { 3, 2 }, { 0, 1 } };
	assert_int_equal(stats_risk_difference(apart, 2, &e, &p, &err), OK);
	assert_true((e.flags & STATS_NOT_IDENTIFIED) && e.n == 0 && p >= 1);
	assert_int_equal(stats_risk_difference(&never, 1, &e, &p, &err), OK);
	assert_true((e.flags & STATS_NOT_IDENTIFIED) && p >= 1);
	assert_int_equal(stats_risk_difference(&wrong, 1, &e, &p, &err), ERR_INPUT);
	assert_string_equal(err.id, "strata.counts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bcg_trials_give_what_exact_fractions_give),
		cmocka_unit_test(one_stratum_is_the_plain_difference),
		cmocka_unit_test(sides_that_change_places_change_the_sign_alone),
		cmocka_unit_test(the_interval_covers_a_true_difference_over_many_small_strata),
		cmocka_unit_test(nothing_to_compare_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
