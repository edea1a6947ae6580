#include "tests/unit/stats/stats.h"

#include "base/rng.h"

static struct stats_estimate adjusted(int64_t read, int64_t of, int64_t found, int64_t such, int64_t spared,
                                      int64_t others)
{
	struct stats_estimate e;
	assert_int_equal(stats_adjusted((struct stats_count){ read, of }, (struct stats_count){ found, such },
	                                (struct stats_count){ spared, others }, &e, NULL),
	                 OK);
	return e;
}

static void shares_are_put_right_as_computed_apart(void **state)
{
	const struct stats_estimate e = adjusted(300, 1000, 170, 200, 380, 400);
	assert_close(e.est, (.3 + .95 - 1) / (.85 + .95 - 1), 1e-12);
	assert_close(e.lo, 0.268918380601, 1e-9);
	assert_close(e.hi, 0.358651663027, 1e-9);
	assert_true(e.lo < e.lo80 && e.lo80 < e.est && e.est < e.hi80 && e.hi80 < e.hi);
	/* Fewer are read than a reader who errs reads of nobody: none, and an interval from none. */
	const struct stats_estimate none = adjusted(40, 1000, 45, 50, 190, 200);
	assert_true(none.est == 0 && none.lo == 0 && none.hi > 0 && none.hi < .1);
	const struct stats_estimate all = adjusted(82, 100, 80, 100, 85, 100);
	assert_true(all.est == 1 && all.hi == 1 && all.lo > .8);
}

static void a_reader_who_never_errs_changes_nothing(void **state)
{
	const struct stats_estimate e = adjusted(30, 100, 100000, 100000, 100000, 100000);
	struct stats_estimate w;
	assert_int_equal(stats_proportion(30, 100, &w, NULL), OK);
	assert_close(e.est, .3, 1e-12);
	assert_close(e.lo, w.lo, .01);
	assert_close(e.hi, w.hi, .01);
}

static void what_cannot_be_known_is_said(void **state)
{
	struct stats_estimate e;
	assert_true(adjusted(0, 0, 9, 10, 9, 10).flags & STATS_NOT_IDENTIFIED);
	assert_true(adjusted(5, 10, 0, 0, 9, 10).flags & STATS_NOT_IDENTIFIED);
	/* As often among such as among others: it tells nothing. */
	assert_true(adjusted(50, 100, 30, 60, 30, 60).flags & STATS_NOT_IDENTIFIED);
	assert_true(adjusted(50, 100, 10, 60, 10, 60).flags & STATS_NOT_IDENTIFIED);
	assert_true(adjusted(1000, 1000, 80, 100, 85, 100).flags & STATS_EXTRAPOLATED);
	assert_true(adjusted(50, 100, 9, 10, 9, 10).flags & STATS_SMALL_N);
	assert_int_equal(stats_adjusted((struct stats_count){ 3, 2 }, (struct stats_count){ 1, 2 },
	                                (struct stats_count){ 1, 2 }, &e, NULL),
	                 ERR_INPUT);
}

static int64_t draws(struct rng *r, int64_t n, double p)
{
	int64_t k = 0;
	for (int64_t i = 0; i < n; i++) k += rng_unit(r) < p;
	return k;
}

/* 2,000 worlds: 92 to 98 of 100 intervals hold the share that the world was made with. */
static void the_interval_covers_what_it_says(void **state)
{
	static const double shares[] = { .05, .3, .7 };
	for (size_t s = 0; s < COUNT_OF(shares); s++) {
		struct rng r;
		int inside = 0;
		rng_init(&r, 11, s);
		for (int i = 0; i < 2000; i++) {
			const int64_t such = draws(&r, 400, shares[s]);
			const struct stats_estimate e = adjusted(such - draws(&r, such, .2) + draws(&r, 400 - such, .1),
			                                         400, draws(&r, 80, .8), 80, draws(&r, 120, .9), 120);
			inside += e.lo <= shares[s] && shares[s] <= e.hi;
		}
		assert_true(inside >= 1840 && inside <= 1980);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_put_right_as_computed_apart),
		cmocka_unit_test(a_reader_who_never_errs_changes_nothing),
		cmocka_unit_test(what_cannot_be_known_is_said),
		cmocka_unit_test(the_interval_covers_what_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
