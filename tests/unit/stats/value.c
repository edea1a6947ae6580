/* The value of customers against published figures, and the cases that have no figure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "tests/unit/stats/stats.h"
#include "tests/unit/stats/scratch.h"

#define CDNOW_CUSTOMERS 2357
#define WEEK_MONTH 4.345

static struct stats_buyer buyers[CDNOW_CUSTOMERS];
static double later[CDNOW_CUSTOMERS]; /* purchases in the 39 weeks held back */
static struct stats_spender spenders[CDNOW_CUSTOMERS];

/* Lines of a packed file; NULL when it is not here. */
static FILE *unpacked(const char *path)
{
	char command[4200];
	if (access(path, R_OK) != 0) {
		print_message("skipped: %s is not beside this repository\n", path);
		return NULL;
	}
	snprintf(command, sizeof command, "zstd -dcq '%s'", path);
	return popen(command, "r");
}

static bool read_cdnow(void)
{
	FILE *f = unpacked(DATA "/cdnow/cdnow_sample_cbs_btyd.csv.zst");
	char line[256];
	if (!f) return false;
	assert_non_null(fgets(line, sizeof line, f));
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++) {
		buyers[i].weight = 1;
		assert_non_null(fgets(line, sizeof line, f));
		assert_int_equal(sscanf(line, "%lf,%lf,%lf,%lf", &buyers[i].repeats, &buyers[i].last, &buyers[i].seen,
		                        &later[i]),
		                 4);
	}
	assert_int_equal(pclose(f), 0);
	return true;
}

/* Repeat purchases of the calibration time and their mean amount: purchases of one day are one. */
static void read_amounts(void)
{
	FILE *f = unpacked(DATA "/cdnow/cdnow_sample.csv.zst");
	char line[256];
	int id, date, cds, first[CDNOW_CUSTOMERS] = { 0 }, last[CDNOW_CUSTOMERS] = { 0 };
	double dollars, sum[CDNOW_CUSTOMERS] = { 0 }, days[CDNOW_CUSTOMERS] = { 0 };
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	while (fgets(line, sizeof line, f)) {
		assert_int_equal(sscanf(line, "%*d,%d,%d,%d,%lf", &id, &date, &cds, &dollars), 4);
		const size_t i = (size_t)id - 1;
		if (date > 19970930) continue;
		if (!first[i]) first[i] = date;
		if (date == first[i]) continue;
		if (date != last[i]) days[i]++;
		last[i] = date;
		sum[i] += dollars;
	}
	assert_int_equal(pclose(f), 0);
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++)
		spenders[i] = (struct stats_spender){ days[i], days[i] > 0 ? sum[i] / days[i] : 0 };
}

static void retention_by_contract_is_as_published(void **state)
{
	/* Fader and Hardie 2007, tables 1 and 2. */
	static const int64_t regular[] = { 1000, 631, 468, 382, 326, 289, 262, 241 };
	static const int64_t high[] = { 1000, 869, 743, 653, 593, 551, 517, 491 };
	struct stats_sbg m;
	assert_int_equal(stats_sbg_fit(regular, COUNT_OF(regular), &m, NULL), OK);
	assert_int_equal(m.fit, STATS_FIT_OK);
	assert_close(m.alpha, .704, .0005);
	assert_close(m.beta, 1.182, .0005);
	assert_close(m.loglik, -1680.265, .0005);
	assert_int_equal(stats_sbg_fit(high, COUNT_OF(high), &m, NULL), OK);
	assert_close(m.alpha, .668, .0005);
	assert_close(m.beta, 3.806, .0005);
	assert_close(m.loglik, -1611.158, .0005);
	assert_close(stats_sbg_survival(&m, 12), .3780, .00005);
	double s = 1;
	for (int64_t t = 1; t <= 12; t++) s *= stats_sbg_retention(&m, t);
	assert_close(s, stats_sbg_survival(&m, 12), 1e-12);
	assert_close(stats_sbg_survival(&m, 0), 1, 1e-12);
}

static void contracts_without_a_spread_are_named(void **state)
{
	struct stats_sbg m;
	struct err err;
	assert_int_equal(stats_sbg_fit((int64_t[]){ 3, 2, 1 }, 3, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_FEW);
	assert_int_equal(stats_sbg_fit((int64_t[]){ 50, 50, 50 }, 3, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_CONSTANT);
	assert_int_equal(stats_sbg_fit((int64_t[]){ 50, 0, 0 }, 3, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_CONSTANT);
	/* A tenth leaves each time, whoever it is: no spread, so the search runs to the edge and says so. */
	assert_int_equal(stats_sbg_fit((int64_t[]){ 100000, 90000, 81000, 72900, 65610, 59049 }, 6, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_UNSETTLED);
	assert_true(m.alpha == 0 && m.beta == 0);
	assert_int_equal(stats_sbg_fit((int64_t[]){ 5, 6 }, 2, &m, &err), ERR_INPUT);
	assert_int_equal(stats_sbg_fit((int64_t[]){ 5, -1 }, 2, &m, &err), ERR_INPUT);
	assert_int_equal(stats_sbg_fit((int64_t[]){ 5 }, 1, &m, &err), ERR_LIMIT);
}

static void cdnow_comes_back_as_published(void **state)
{
	struct stats_bgnbd m;
	struct err err;
	if (!read_cdnow()) return;
	assert_int_equal(stats_bgnbd_fit(buyers, CDNOW_CUSTOMERS, &scratch, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_OK);
	assert_int_equal(m.n, CDNOW_CUSTOMERS);
	assert_int_equal(m.repeaters, CDNOW_CUSTOMERS - 1411);
	assert_close(m.r, .2425945, .2425945 * .001); /* a tenth of the 1 % asked */
	assert_close(m.alpha, 4.4136019, 4.4136019 * .001);
	assert_close(m.a, .7929199, .7929199 * .001);
	assert_close(m.b, 2.4258881, 2.4258881 * .001);
	assert_close(m.loglik, -9582.429, .002);
	static const double t[] = { 1, 3, 32, 78 }, want[] = { .0532, .1506, 1.0437, 1.8580 };
	for (size_t k = 0; k < COUNT_OF(t); k++) assert_close(stats_bgnbd_expected(&m, t[k]), want[k], want[k] * .001);
	const struct stats_buyer one = { 2, 30.43, 38.86, 1 };
	assert_close(stats_bgnbd_future(&m, &one, 39), 1.226, .0006);
	assert_close(stats_bgnbd_alive(&m, &one), .7266, .0001);
	/* The manual of BTYD gives these at rounded parameters. */
	const struct stats_bgnbd rounded = { .r = .243, .alpha = 4.414, .a = .793, .b = 2.426 };
	assert_close(stats_bgnbd_chance(&rounded, 0, 39), .5737864, 1e-7);
	assert_close(stats_bgnbd_chance(&rounded, 10, 2), 1.07869e-07, 1e-12);
	assert_close(stats_bgnbd_chance(&rounded, 11, 30), .0019995214, 1e-10);

	double actual = 0, told = 0, miss = 0, by[8] = { 0 }, n[8] = { 0 };
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++) {
		const double y = stats_bgnbd_future(&m, &buyers[i], 39);
		const size_t k = (size_t)fmin(7, buyers[i].repeats);
		actual += later[i], told += y, miss += fabs(y - later[i]);
		by[k] += y, n[k]++;
	}
	assert_close(actual, 1882, 0);
	assert_close(told, 1653.4, 1653.4 * .005);
	assert_close(miss / CDNOW_CUSTOMERS, .7855, .0005);
	static const double by_repeats[] = { .225, .523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157 };
	for (size_t k = 0; k < 8; k++) assert_close(by[k] / n[k], by_repeats[k], by_repeats[k] * .005);
}

static void the_unit_of_time_and_equal_rows_change_nothing(void **state)
{
	struct stats_bgnbd weeks, days;
	static struct stats_buyer other[CDNOW_CUSTOMERS];
	if (!read_cdnow()) return;
	assert_int_equal(stats_bgnbd_fit(buyers, CDNOW_CUSTOMERS, &scratch, &weeks, NULL), OK);
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++) {
		other[i] = buyers[CDNOW_CUSTOMERS - 1 - i];
		other[i].last *= 7, other[i].seen *= 7;
	}
	const size_t n = stats_buyers_merge(other, CDNOW_CUSTOMERS);
	assert_true(n < CDNOW_CUSTOMERS);
	assert_int_equal(stats_bgnbd_fit(other, n, &scratch, &days, NULL), OK);
	assert_int_equal(days.n, weeks.n);
	assert_close(days.r, weeks.r, 1e-4);
	assert_close(days.alpha, weeks.alpha * 7, 1e-2);
	assert_close(days.a, weeks.a, 1e-3);
	const struct stats_buyer c = { 2, 30.43 * 7, 38.86 * 7, 1 };
	assert_close(stats_bgnbd_future(&days, &c, 39 * 7), 1.226, .0006);
}

static void the_spread_of_the_parameters_is_known(void **state)
{
	/* Data drawn from the model: the parameters lie within four standard errors of the truth. */
	static struct stats_buyer made[4000];
	struct stats_bgnbd m;
	struct rng r;
	rng_init(&r, 7, 0);
	for (size_t i = 0; i < COUNT_OF(made); i++) {
		/* Gamma(2) and Beta(1, 2), by what is uniform. */
		const double rate = -log((1 - rng_unit(&r)) * (1 - rng_unit(&r))) / 8;
		const double drop = 1 - sqrt(1 - rng_unit(&r));
		struct stats_buyer c = { .seen = 30 + 20 * rng_unit(&r), .weight = 1 };
		for (double at = 0;;) {
			at -= log(1 - rng_unit(&r)) / rate;
			if (at >= c.seen) break;
			c.repeats++, c.last = at;
			if (rng_unit(&r) < drop) break;
		}
		made[i] = c;
	}
	assert_int_equal(stats_bgnbd_fit(made, COUNT_OF(made), &scratch, &m, NULL), OK);
	assert_int_equal(m.fit, STATS_FIT_OK);
	const double truth[] = { 2, 8, 1, 2 }, found[] = { m.r, m.alpha, m.a, m.b };
	for (size_t j = 0; j < 4; j++) {
		const double se = sqrt(m.cov[5 * j]);
		assert_in_band(se, 1e-3, .5);
		assert_close(log(found[j] / truth[j]), 0, 4 * se);
	}
}

static void buyers_who_carry_no_model_are_named(void **state)
{
	static struct stats_buyer rows[500];
	struct stats_bgnbd m;
	struct err err;
	for (size_t i = 0; i < COUNT_OF(rows); i++) rows[i] = (struct stats_buyer){ 0, 0, 10 + (double)i / 50, 1 };
	assert_int_equal(stats_bgnbd_fit(rows, COUNT_OF(rows), &scratch, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_FEW); /* nobody came back */
	assert_int_equal(stats_bgnbd_fit(rows, 1, &scratch, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_FEW);
	assert_int_equal(stats_bgnbd_fit(rows, 0, &scratch, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_FEW);
	for (size_t i = 0; i < COUNT_OF(rows); i++) rows[i] = (struct stats_buyer){ 3, 5, 10, 1 };
	assert_int_equal(stats_bgnbd_fit(rows, COUNT_OF(rows), &scratch, &m, &err), OK);
	assert_int_equal(m.fit, STATS_FIT_CONSTANT);
	assert_true(m.r == 0 && m.loglik == 0);
	/* Everybody was gone after the first weeks, or comes like a clock: whatever it says, it is a number. */
	for (size_t kind = 0; kind < 3; kind++) {
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			const double k = (double)(i % 4);
			if (kind == 0) rows[i] = (struct stats_buyer){ 1 + k, .1 + k / 10, 1000, 1 };
			if (kind == 1) rows[i] = (struct stats_buyer){ 10 + k, 10 + k, 10 + k, 1 };
			if (kind == 2) rows[i] = (struct stats_buyer){ 1e6 * k, k > 0 ? 1e-3 : 0, 1e9, 1 };
		}
		assert_int_equal(stats_bgnbd_fit(rows, COUNT_OF(rows), &scratch, &m, &err), OK);
		assert_true(isfinite(m.r + m.alpha + m.a + m.b + m.loglik));
		if (m.fit != STATS_FIT_OK) continue;
		assert_in_band(stats_bgnbd_alive(&m, &rows[1]), 0, 1);
		assert_in_band(stats_bgnbd_future(&m, &rows[1], 10), 0, 1e9);
		assert_in_band(stats_bgnbd_expected(&m, 10), 0, 1e9);
	}
	rows[3].last = rows[3].seen + 1;
	assert_int_equal(stats_bgnbd_fit(rows, COUNT_OF(rows), &scratch, &m, &err), ERR_INPUT);
	rows[3] = (struct stats_buyer){ NAN, 1, 2, 1 };
	assert_int_equal(stats_bgnbd_fit(rows, COUNT_OF(rows), &scratch, &m, &err), ERR_INPUT);
}

static void what_is_to_come_is_the_sum_of_its_chances(void **state)
{
	/* E[X(t)] from the chances of 0, 1, 2 ... purchases, for parameters on every side of a = 1 and a + b = 1. */
	static const double sets[][4] = { { .24, 4.4, .79, 2.43 }, { .5, 2, .3, .2 }, { 2, 3, 1, 1 },
		                          { 1, 5, 3, 4 },          { .1, 1, .5, .5 }, { 1.5, 8, .01, 5 } };
	for (size_t k = 0; k < COUNT_OF(sets); k++) {
		const struct stats_bgnbd m = { .r = sets[k][0], .alpha = sets[k][1], .a = sets[k][2], .b = sets[k][3] };
		double mean = 0, all = 0;
		for (int64_t x = 0; x < 400; x++) {
			const double p = stats_bgnbd_chance(&m, x, 10);
			all += p, mean += (double)x * p;
		}
		assert_close(all, 1, 1e-5);
		assert_close(stats_bgnbd_expected(&m, 10), mean, 1e-4 * (1 + mean));
	}
}

static void cdnow_spends_as_published(void **state)
{
	static struct stats_spender repeat[CDNOW_CUSTOMERS];
	static const double first_ten[] = { 24.66, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17 };
	struct stats_spend m;
	size_t n = 0;
	if (!read_cdnow()) return;
	read_amounts();
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++) {
		assert_close(spenders[i].repeats, buyers[i].repeats, 0);
		if (spenders[i].repeats > 0 && spenders[i].mean > 0) repeat[n++] = spenders[i];
	}
	assert_int_equal(n, 946);
	assert_int_equal(stats_spend_fit(repeat, n, &scratch, &m, NULL), OK);
	assert_int_equal(m.fit, STATS_FIT_OK);
	assert_close(m.p, 6.25, .0625);
	assert_close(m.q, 3.74, .0374);
	assert_close(m.v, 15.44, .1544);
	assert_close(m.loglik, -4055.92, .05);
	assert_close(m.mean, 35.17, .02);
	assert_close(m.with_count, .114, .001);
	for (size_t i = 0; i < COUNT_OF(first_ten); i++)
		assert_close(stats_spend_mean(&m, &spenders[i]), first_ten[i], .015);
}

static void the_value_to_come_of_cdnow_is_as_recomputed(void **state)
{
	static struct stats_spender repeat[CDNOW_CUSTOMERS];
	struct stats_bgnbd m;
	struct stats_spend s;
	struct stats_estimate e;
	size_t n = 0;
	if (!read_cdnow()) return;
	read_amounts();
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++)
		if (spenders[i].repeats > 0) repeat[n++] = spenders[i];
	assert_int_equal(stats_bgnbd_fit(buyers, CDNOW_CUSTOMERS, &scratch, &m, NULL), OK);
	assert_int_equal(stats_spend_fit(repeat, n, &scratch, &s, NULL), OK);
	/* Twelve months of 4.345 weeks at 1 % a month; customers 1, 2, 3 (again 4, 5) and 6. */
	const struct stats_clv_terms terms = { 12, WEEK_MONTH, .01, 1 };
	static const double want[] = { 36.286, 4.639, 8.356, 8.356, 8.356, 283.546 };
	double sum = 0;
	for (size_t i = 0; i < COUNT_OF(want); i++)
		assert_close(stats_clv(&m, &s, &buyers[i], &spenders[i], &terms), want[i], want[i] * .005);
	for (size_t i = 0; i < CDNOW_CUSTOMERS; i++) sum += stats_clv(&m, &s, &buyers[i], &spenders[i], &terms);
	assert_int_equal(stats_clv_total(&m, &s, buyers, spenders, CDNOW_CUSTOMERS, &terms, 100, 1, &scratch, &e, NULL),
	                 OK);
	assert_close(e.est, sum, 1e-6 * sum);
	assert_true(e.lo < e.lo80 && e.lo80 < e.est && e.est < e.hi80 && e.hi80 < e.hi);
	assert_in_band((e.hi - e.lo) / e.est, .05, .6);
	struct stats_estimate again;
	assert_int_equal(
	        stats_clv_total(&m, &s, buyers, spenders, CDNOW_CUSTOMERS, &terms, 100, 1, &scratch, &again, NULL), OK);
	assert_true(memcmp(&e, &again, sizeof e) == 0);
	struct stats_clv_terms wrong = terms;
	wrong.discount = 1;
	assert_int_equal(stats_clv_total(&m, &s, buyers, spenders, 5, &wrong, 100, 1, &scratch, &e, NULL), ERR_INPUT);
	m.fit = STATS_FIT_FEW;
	assert_int_equal(stats_clv_total(&m, &s, buyers, spenders, 5, &terms, 100, 1, &scratch, &e, NULL), ERR_INPUT);
}

static void spenders_who_carry_no_model_are_named(void **state)
{
	static struct stats_spender rows[200];
	struct stats_spend m;
	for (size_t i = 0; i < COUNT_OF(rows); i++) rows[i] = (struct stats_spender){ 2, 10 };
	assert_int_equal(stats_spend_fit(rows, COUNT_OF(rows), &scratch, &m, NULL), OK);
	assert_int_equal(m.fit, STATS_FIT_CONSTANT);
	assert_int_equal(stats_spend_fit(rows, 10, &scratch, &m, NULL), OK);
	assert_int_equal(m.fit, STATS_FIT_FEW);
	/* Amounts over ten powers of ten: there is no mean, or no edge is reached; never a number that is none. */
	for (size_t i = 0; i < COUNT_OF(rows); i++) rows[i].mean = pow(10, (double)(i % 11));
	assert_int_equal(stats_spend_fit(rows, COUNT_OF(rows), &scratch, &m, NULL), OK);
	assert_true(m.fit == STATS_FIT_NO_MEAN || m.fit == STATS_FIT_UNSETTLED);
	assert_true(m.mean == 0);
	rows[5].mean = 0;
	assert_int_equal(stats_spend_fit(rows, COUNT_OF(rows), &scratch, &m, NULL), ERR_INPUT);
	rows[5].mean = INFINITY;
	assert_int_equal(stats_spend_fit(rows, COUNT_OF(rows), &scratch, &m, NULL), ERR_INPUT);
}

static void value_kept_by_retention_is_as_by_hand(void **state)
{
	static const double r[] = { .8, .85, .9 }, start[] = { 366.67, 440, 550 }, end[] = { 266.67, 340, 450 };
	for (size_t k = 0; k < COUNT_OF(r); k++) {
		assert_close(stats_clv_retained(100, r[k], .1, true), start[k], .005);
		assert_close(stats_clv_retained(100, r[k], .1, false), end[k], .005);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retention_by_contract_is_as_published),
		cmocka_unit_test(contracts_without_a_spread_are_named),
		cmocka_unit_test(cdnow_comes_back_as_published),
		cmocka_unit_test(the_unit_of_time_and_equal_rows_change_nothing),
		cmocka_unit_test(the_spread_of_the_parameters_is_known),
		cmocka_unit_test(buyers_who_carry_no_model_are_named),
		cmocka_unit_test(what_is_to_come_is_the_sum_of_its_chances),
		cmocka_unit_test(cdnow_spends_as_published),
		cmocka_unit_test(the_value_to_come_of_cdnow_is_as_recomputed),
		cmocka_unit_test(spenders_who_carry_no_model_are_named),
		cmocka_unit_test(value_kept_by_retention_is_as_by_hand),
	};
	return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
