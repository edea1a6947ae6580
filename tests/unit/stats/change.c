#include "tests/unit/stats/stats.h"

enum { DAYS = 250, RUNS = 400, CHANGED = 100 };

static struct stats_day days[DAYS];

static int poisson(struct rng *r, double mean)
{
	double p = exp(-mean);
	int k = 0;
	for (double u = rng_unit(r); u > p && k < 100; k++) u -= p, p *= mean / (k + 1);
	return k;
}

static void make_means(uint64_t seed, double shift)
{
	struct rng r;
	rng_init(&r, seed, 1);
	for (int d = 0; d < DAYS; d++) {
		days[d] = (struct stats_day){ .day = 20000 + d };
		for (int k = poisson(&r, 3); k > 0; k--) {
			const double x = 60 + 30 * rng_normal(&r) + (d >= CHANGED ? shift : 0);
			days[d].n++, days[d].sum += x, days[d].squares += x * x;
		}
	}
}

static void make_rates(uint64_t seed, double before, double after)
{
	struct rng r;
	rng_init(&r, seed, 2);
	for (int d = 0; d < DAYS; d++) {
		/* Busy days are no change. */
		const double n = 2 + d % 7;
		days[d] = (struct stats_day){ .day = 20000 + d,
			                      .n = n,
			                      .sum = poisson(&r, n * (d >= CHANGED ? after : before)) };
	}
}

static void a_fall_of_a_mean_is_dated(void **state)
{
	int inside = 0, told = 0;
	double off = 0;
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct stats_change c;
		make_means(seed, -20);
		assert_int_equal(stats_change_mean(days, DAYS, &c, NULL), OK);
		told += c.p < 0.05;
		inside += c.at.lo <= 20000 + CHANGED && 20000 + CHANGED <= c.at.hi;
		off += fabs(c.at.est - 20000 - CHANGED) / RUNS;
		assert_true(c.at.lo <= c.at.lo80 && c.at.lo80 <= c.at.est && c.at.est <= c.at.hi80 &&
		            c.at.hi80 <= c.at.hi);
		assert_true(c.before > c.after);
	}
	print_message("mean: told %d, inside %d of %d, off %.2f days\n", told, inside, RUNS, off);
	assert_int_equal(told, RUNS);
	assert_in_band(inside, 0.93 * RUNS, RUNS);
	assert_true(off < 3);
}

static void a_rise_of_a_rate_is_dated(void **state)
{
	int inside = 0, told = 0;
	double off = 0;
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct stats_change c;
		make_rates(seed, 0.005, 0.05);
		assert_int_equal(stats_change_rate(days, DAYS, &c, NULL), OK);
		told += c.p < 0.05;
		inside += c.at.lo <= 20000 + CHANGED && 20000 + CHANGED <= c.at.hi;
		off += fabs(c.at.est - 20000 - CHANGED) / RUNS;
	}
	print_message("rate: told %d, inside %d of %d, off %.2f days\n", told, inside, RUNS, off);
	assert_in_band(told, 0.98 * RUNS, RUNS);
	assert_in_band(inside, 0.93 * RUNS, RUNS);
	assert_true(off < 12);
}

static void nothing_is_dated_where_nothing_changes(void **state)
{
	int means = 0, rates = 0;
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct stats_change c;
		make_means(seed, 0);
		assert_int_equal(stats_change_mean(days, DAYS, &c, NULL), OK);
		means += c.p <= 0.05;
		make_rates(seed, 0.03, 0.03);
		assert_int_equal(stats_change_rate(days, DAYS, &c, NULL), OK);
		rates += c.p <= 0.05;
	}
	print_message("nothing: means %d, rates %d of %d\n", means, rates, RUNS);
	assert_in_band(means, 0, 0.08 * RUNS);
	assert_in_band(rates, 0, 0.08 * RUNS);
}

/* Ten answers of 1 and 3 in turns, then ten of 5 and 7: means 2 and 6, and the sum of squares left is 20. */
static void a_step_is_found_to_the_day(void **state)
{
	struct stats_change c;
	for (int d = 0; d < 20; d++) {
		const double x = (d < 10 ? 1 : 5) + 2 * (d % 2);
		days[d] = (struct stats_day){ .day = 3 * d, .n = 1, .sum = x, .squares = x * x };
	}
	assert_int_equal(stats_change_mean(days, 20, &c, NULL), OK);
	assert_close(c.at.est, 30, 0);
	assert_close(c.before, 2, 1e-12);
	assert_close(c.after, 6, 1e-12);
	/* The deviation of the first ten sums up to 20; the squares round the mean are 20 + 80 = 100. */
	const double x = 20 / sqrt(100.0);
	assert_close(c.p, 2 * exp(-2 * x * x) - 2 * exp(-8 * x * x), 1e-9);
}

static void what_cannot_be_dated_is_not(void **state)
{
	struct stats_change c, d;
	struct stats_estimate lead;
	struct err err;
	memset(days, 0, sizeof days);
	for (int i = 0; i < DAYS; i++) days[i] = (struct stats_day){ .day = i, .n = 1, .sum = 4, .squares = 16 };
	assert_int_equal(stats_change_mean(days, DAYS, &c, NULL), OK);
	assert_true((c.at.flags & STATS_NOT_IDENTIFIED) && c.p == 1); /* no spread */
	assert_int_equal(stats_change_mean(days, 0, &c, NULL), OK);
	assert_true((c.at.flags & STATS_NOT_IDENTIFIED) && c.p == 1);
	make_rates(1, 0.005, 0.05);
	assert_int_equal(stats_change_rate(days, DAYS, &d, NULL), OK);
	stats_change_lead(&d, &c, &lead);
	assert_true(lead.flags & STATS_NOT_IDENTIFIED);
	stats_change_lead(&d, &d, &lead);
	assert_true(lead.est == 0 && lead.lo <= 0 && lead.hi >= 0 && !(lead.flags & STATS_NOT_IDENTIFIED));
	days[1].day = days[0].day;
	assert_int_equal(stats_change_rate(days, DAYS, &d, &err), ERR_INPUT);
	make_means(1, 0);
	days[3].sum = NAN;
	assert_int_equal(stats_change_mean(days, DAYS, &d, &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fall_of_a_mean_is_dated),
		cmocka_unit_test(a_rise_of_a_rate_is_dated),
		cmocka_unit_test(nothing_is_dated_where_nothing_changes),
		cmocka_unit_test(a_step_is_found_to_the_day),
		cmocka_unit_test(what_cannot_be_dated_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
