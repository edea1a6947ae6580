/* Foretold chances against figures of public data and by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "tests/unit/stats/stats.h"
#include "tests/unit/stats/scratch.h"

#define TELCO 7043
#define WORDS 21

static char text[TELCO][1000];
static char *words[TELCO][WORDS];
static uint8_t left[TELCO];

static bool read_telco(void)
{
	const char *path = DATA "/telco-churn/telco_customer_churn.csv.zst";
	char command[4200];
	if (access(path, R_OK) != 0) {
		print_message("skipped: %s is not beside this repository\n", path);
		return false;
	}
	snprintf(command, sizeof command, "zstd -dcq '%s'", path);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(text[0], sizeof text[0], f));
	for (size_t i = 0; i < TELCO; i++) {
		char *rest = text[i];
		assert_non_null(fgets(text[i], sizeof text[i], f));
		for (size_t k = 0; k < WORDS; k++) words[i][k] = strsep(&rest, ",\r\n");
		left[i] = strcmp(words[i][20], "Yes") == 0;
	}
	assert_int_equal(pclose(f), 0);
	return true;
}

/* Numbers as they are, words as one column for each but the first met. */
static size_t columns_of(double *x, size_t max)
{
	size_t p = 0;
	for (size_t k = 1; k < WORDS - 1; k++) {
		if (k == 5 || k == 18 || k == 19) {
			for (size_t i = 0; i < TELCO; i++) x[i * max + p] = strtod(words[i][k], NULL);
			p++;
			continue;
		}
		const char *met[8];
		size_t n = 0;
		for (size_t i = 0; i < TELCO; i++) {
			size_t at = 0;
			while (at < n && strcmp(met[at], words[i][k])) at++;
			if (at == n) met[n++] = words[i][k];
			if (at > 0) x[i * max + p + at - 1] = 1;
		}
		p += n - 1;
	}
	return p;
}

static void telco_is_foretold_as_recomputed(void **state)
{
	enum { MAX = 40 };
	static double wide[TELCO * MAX], x[TELCO * MAX], chance[TELCO];
	struct stats_judged j;
	if (!read_telco()) return;
	const size_t p = columns_of(wide, MAX);
	assert_in_band((double)p, 20, STATS_FEATURES_MAX);
	for (size_t i = 0; i < TELCO; i++) memcpy(x + i * p, wide + i * MAX, p * sizeof *x);
	const struct stats_matrix m = { x, TELCO, p };
	assert_int_equal(stats_logistic_held(m, left, 1, 10, 1, &scratch, chance, NULL), OK);
	assert_int_equal(stats_judge(chance, left, TELCO, &scratch, &j, NULL), OK);
	assert_true(j.known);
	assert_in_band(j.auc.est, .84, .85);
	assert_close(j.auc.est, .8455, .002);
	assert_close(j.precision, .6529, .01);
	assert_close(j.brier, .1353, .001);
	assert_close(j.lift, 2.874, .08);
	assert_in_band(j.slope, .95, 1.02);
	assert_close(j.rate.est, 1869.0 / TELCO, 1e-12);
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		assert_close(j.bins[b].observed.est, j.bins[b].predicted, .05);
		if (b) assert_true(j.bins[b].predicted > j.bins[b - 1].predicted);
	}
}

static void four_columns_of_telco_are_as_recomputed(void **state)
{
	static double x[TELCO * 4], chance[TELCO];
	static const double want[] = { -2.442032, -.036007, .016582, 1.207827, .787828 };
	struct stats_logistic m;
	struct stats_estimate auc;
	if (!read_telco()) return;
	for (size_t i = 0; i < TELCO; i++) {
		x[i * 4] = strtod(words[i][5], NULL), x[i * 4 + 1] = strtod(words[i][18], NULL);
		x[i * 4 + 2] = strcmp(words[i][15], "Month-to-month") == 0;
		x[i * 4 + 3] = strcmp(words[i][8], "Fiber optic") == 0;
	}
	assert_int_equal(stats_logistic((struct stats_matrix){ x, TELCO, 4 }, left, 0, &scratch, &m, NULL), OK);
	for (size_t j = 0; j < 5; j++) assert_close(m.beta[j], want[j], 1e-6);
	assert_close(m.loglik, -3066.9406, 1e-4);
	for (size_t i = 0; i < TELCO; i++) chance[i] = stats_logistic_at(&m, 4, x + i * 4);
	stats_auc(chance, left, TELCO, &scratch, &auc);
	assert_close(auc.est, .82914, 5e-6);

	/* Reasons: what each column adds against the mean, largest first; they sum to the log odds. */
	const double mean[] = { 32.37, 64.76, .55, .44 };
	struct stats_reason r[4], two[2];
	assert_int_equal(stats_reasons(&m, 4, mean, x, r, 4), 4);
	double sum = 0;
	for (size_t k = 0; k < 4; k++) {
		sum += r[k].by;
		if (k) assert_true(fabs(r[k].by) <= fabs(r[k - 1].by));
	}
	const double there = stats_logistic_at(&m, 4, x), usual = stats_logistic_at(&m, 4, mean);
	assert_close(sum, log(there / (1 - there)) - log(usual / (1 - usual)), 1e-9);
	assert_int_equal(stats_reasons(&m, 4, mean, x, two, 2), 2);
	assert_memory_equal(two, r, sizeof two);
	assert_int_equal(stats_reasons(&m, 4, mean, mean, r, 4), 0);
}

static void chances_by_hand(void **state)
{
	static const double p[] = { .9, .8, .8, .3, .2, .1, .1, .1, .1, .1 };
	static const uint8_t y[] = { 1, 1, 0, 1, 0, 0, 0, 0, 0, 0 };
	struct stats_judged j;
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, NULL), OK);
	/* Precision 1, 2/3 and 3/4 at the three. */
	assert_close(j.precision, (1 + 2.0 / 3 + 3.0 / 4) / 3, 1e-12);
	assert_close(j.lift, 1 / .3, 1e-12);
	assert_close(j.brier, (.01 + .04 + .64 + .49 + .04 + 5 * .01) / 10, 1e-12);
	assert_close(j.auc.est, (7 + 6.5 + 6) / 21, 1e-12);
}

static void chances_that_cannot_be_judged_are_named(void **state)
{
	double p[20];
	uint8_t y[20];
	struct stats_judged j;
	struct err err;
	for (size_t i = 0; i < COUNT_OF(p); i++) p[i] = .5, y[i] = 1;
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, &err), OK); /* all left */
	assert_false(j.known);
	assert_true(j.auc.flags & STATS_NOT_IDENTIFIED);
	for (size_t i = 0; i < COUNT_OF(p); i++) y[i] = i % 2;
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, &err), OK); /* one chance for all */
	assert_close(j.auc.est, .5, 1e-12);
	assert_close(j.lift, 1, 1e-12);
	assert_close(j.slope, 0, 0);
	for (size_t i = 0; i < COUNT_OF(p); i++) p[i] = y[i]; /* wholly right */
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, &err), OK);
	assert_close(j.auc.est, 1, 1e-12);
	assert_close(j.brier, 0, 0);
	assert_true(isfinite(j.slope));
	assert_int_equal(stats_judge(NULL, NULL, 0, &scratch, &j, &err), OK);
	assert_false(j.known);
	p[3] = 1.5;
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, &err), ERR_INPUT);
	p[3] = NAN;
	assert_int_equal(stats_judge(p, y, COUNT_OF(p), &scratch, &j, &err), ERR_INPUT);
	const struct stats_matrix m = { p, 3, 1 };
	assert_int_equal(stats_logistic_held(m, y, 1, 1, 1, &scratch, p, &err), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(telco_is_foretold_as_recomputed),
		cmocka_unit_test(four_columns_of_telco_are_as_recomputed),
		cmocka_unit_test(chances_by_hand),
		cmocka_unit_test(chances_that_cannot_be_judged_are_named),
	};
	return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
