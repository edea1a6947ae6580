/* Survival against published figures. */
#include "stats/stats.h"

#include "base/checked.h"
#include "tests/unit/unit.h"

#define NEAR(got, want, eps) assert_true((got) - (want) <= (eps) && (want) - (got) <= (eps))

static void the_maintained_group_of_aml_is_as_published(void **state)
{
	/* Weeks 9, 13, 18, 23, 31, 34, 48 of Miller 1981; R: survfit(Surv(time, status) ~ x, aml), conf.type "log-log".
	 */
	static const struct stats_risk m[] = { { 11, 1 }, { 10, 1 }, { 8, 1 }, { 7, 1 }, { 5, 1 }, { 4, 1 }, { 2, 1 } };
	static const double s[] = { .9091, .8182, .7159, .6136, .4909, .3682, .1841 };
	static const double lo[] = { .508, .447, .350, .266, .167, .093 },
	                    hi[] = { .987, .951, .899, .835, .753, .657 };
	struct stats_estimate e[COUNT_OF(m)];
	struct err err;
	assert_int_equal(stats_survival(m, COUNT_OF(m), e, &err), OK);
	for (size_t i = 0; i < 5; i++) { /* the last two have fewer than five at risk */
		NEAR(e[i].est, s[i], 5e-5);
		NEAR(e[i].lo, lo[i], 6e-4);
		NEAR(e[i].hi, hi[i], 6e-4);
		assert_true(e[i].lo < e[i].lo80 && e[i].hi80 < e[i].hi);
		assert_true(e[i].flags & STATS_SMALL_N);
	}
	assert_true(e[5].flags & STATS_SUPPRESSED);
}

static void without_censoring_it_is_the_plain_share(void **state)
{
	static const struct stats_risk m[] = { { 100, 0 }, { 100, 40 }, { 60, 20 }, { 40, 40 }, { 0, 0 } };
	struct stats_estimate e[COUNT_OF(m)];
	struct interval all, none;
	struct err err;
	assert_int_equal(stats_survival(m, COUNT_OF(m), e, &err), OK);
	assert_int_equal(stats_wilson(100, 100, STATS_Z95, &all, &err), OK);
	assert_int_equal(stats_wilson(0, 40, STATS_Z95, &none, &err), OK);
	NEAR(e[0].est, 1, 0);
	NEAR(e[0].lo, all.low, 1e-12);
	NEAR(e[1].est, 0.6, 1e-12);
	NEAR(e[2].est, 0.4, 1e-12);
	NEAR(e[3].est, 0, 0);
	NEAR(e[3].hi, none.high, 1e-12);
	assert_true(e[4].flags & STATS_NOT_IDENTIFIED);
}

static void impossible_counts_are_refused(void **state)
{
	struct stats_estimate e;
	struct err err;
	assert_int_equal(stats_survival(&(struct stats_risk){ 3, 4 }, 1, &e, &err), ERR_INPUT);
	assert_int_equal(stats_survival(&(struct stats_risk){ 3, -1 }, 1, &e, &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_maintained_group_of_aml_is_as_published),
		cmocka_unit_test(without_censoring_it_is_the_plain_share),
		cmocka_unit_test(impossible_counts_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
