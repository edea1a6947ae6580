/* How long people stay, against R's figures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "tests/unit/stats/known.h"
#include "tests/unit/stats/scratch.h"
#include "tests/unit/stats/stats.h"

static struct stats_stay rows[COUNT_OF(lung)];

static void read_lung(void)
{
	for (size_t i = 0; i < COUNT_OF(lung); i++)
		rows[i] = (struct stats_stay){ .until = lung[i].days,
			                       .group = (uint32_t)lung[i].sex - 1,
			                       .gone = lung[i].died };
}

static const struct stats_life_point *point_at(const struct stats_life *l, double time)
{
	const struct stats_life_point *found = NULL;
	for (size_t i = 0; i < l->n_points && l->points[i].time <= time; i++) found = &l->points[i];
	return found;
}

static void lung_is_left_as_published(void **state)
{
	struct stats_life l;
	read_lung();
	assert_int_equal(stats_life(rows, COUNT_OF(rows), 0, &scratch, &l, NULL), OK);
	assert_int_equal(l.customers, 228);
	assert_int_equal(l.gone, 165);
	assert_close(l.median.est, 310, 0);
	assert_close(l.median.lo, 284, 0);
	assert_close(l.median.hi, 361, 0);
	assert_close(stats_life_at(&l, 100), .8640, 5e-5);
	assert_close(stats_life_at(&l, 180), .7217, 5e-5);
	assert_close(stats_life_at(&l, 365), .4092, 5e-5);
	assert_close(stats_life_at(&l, 500), .2933, 5e-5);
	assert_close(stats_life_at(&l, 1), 1, 0);
	const struct stats_life_point *year = point_at(&l, 365);
	assert_close(year->left.est, .4092, 5e-5);
	assert_close(year->left.lo, .3387, 1e-4);
	assert_close(year->left.hi, .4784, 1e-4);
}

static void sexes_differ_in_lung_as_published(void **state)
{
	struct stats_logrank t;
	read_lung();
	assert_int_equal(stats_logrank(rows, COUNT_OF(rows), 2, &scratch, &t, NULL), OK);
	assert_int_equal(t.df, 1);
	assert_close(t.chi2, 10.326742, 1e-6);
	assert_close(t.p, .0013, 5e-5);
	assert_int_equal(t.groups[0].gone, 112);
	assert_int_equal(t.groups[1].gone, 53);
	assert_close(t.groups[0].expected, 91.58, .005);
	assert_close(t.groups[1].expected, 73.42, .005);
}

static void hazards_of_lung_are_as_published(void **state)
{
	static double x[COUNT_OF(lung) * 4];
	struct stats_cox c;
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(lung); i++) {
		if (lung[i].ecog < 0) continue;
		rows[n] = (struct stats_stay){ .until = lung[i].days, .gone = lung[i].died };
		x[n * 4] = lung[i].age, x[n * 4 + 1] = lung[i].sex, x[n * 4 + 2] = lung[i].ecog, x[n * 4 + 3] = 7;
		n++;
	}
	assert_int_equal(n, 227);
	/* The fourth column is constant and gets nothing. */
	assert_int_equal(stats_cox((struct stats_matrix){ x, n, 4 }, rows, &scratch, &c, NULL), OK);
	assert_int_equal(c.state, STATS_COX_OK);
	static const double beta[] = { .01106677, -.55261240, .46372848, 0 },
	                    se[] = { .00926741, .16773905, .11357727, 0 };
	for (size_t j = 0; j < 4; j++) {
		assert_close(c.beta[j], beta[j], 2e-8);
		assert_close(c.se[j], se[j], 2e-8);
	}
	assert_close(c.loglik_null, -744.48046, 1e-5);
	assert_close(c.loglik, -729.23012, 1e-5);
}

static void aml_is_as_published(void **state)
{
	static const double kept[][2] = { { 9, 1 },  { 13, 1 }, { 13, 0 }, { 18, 1 }, { 23, 1 }, { 28, 0 },
		                          { 31, 1 }, { 34, 1 }, { 45, 0 }, { 48, 1 }, { 161, 0 } };
	static const double other[][2] = { { 5, 1 },  { 5, 1 },  { 8, 1 },  { 8, 1 },  { 12, 1 }, { 16, 0 },
		                           { 23, 1 }, { 27, 1 }, { 30, 1 }, { 33, 1 }, { 43, 1 }, { 45, 1 } };
	static const double at[] = { 9, 13, 18, 23, 31, 34, 48 },
	                    left[] = { .9091, .8182, .7159, .6136, .4909, .3682, .1841 };
	struct stats_stay all[COUNT_OF(kept) + COUNT_OF(other)];
	struct stats_life a, b;
	struct stats_logrank t;
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		all[i] = (struct stats_stay){ .until = kept[i][0], .gone = kept[i][1] > 0 };
	for (size_t i = 0; i < COUNT_OF(other); i++)
		all[COUNT_OF(kept) + i] =
		        (struct stats_stay){ .until = other[i][0], .gone = other[i][1] > 0, .group = 1 };
	assert_int_equal(stats_life(all, COUNT_OF(kept), 40, &scratch, &a, NULL), OK);
	assert_int_equal(stats_life(all + COUNT_OF(kept), COUNT_OF(other), 40, &scratch, &b, NULL), OK);
	assert_close(a.median.est, 31, 0);
	assert_close(b.median.est, 23, 0);
	assert_true(isinf(a.median.hi)); /* the data do not reach it */
	for (size_t i = 0; i < COUNT_OF(at); i++) assert_close(stats_life_at(&a, at[i]), left[i], 5e-5);
	assert_close(a.within.est, 28.90, .005);
	assert_close(b.within.est, 21.93, .005);
	assert_true(a.within.lo < a.within.lo80 && a.within.hi80 < a.within.hi && a.within.hi <= 40);
	assert_int_equal(stats_logrank(all, COUNT_OF(all), 2, &scratch, &t, NULL), OK);
	assert_close(t.chi2, 3.396, .0005);
	assert_close(t.p, .065, .0005);
}

#define TELCO 7043

static void contracts_of_telco_are_as_recomputed(void **state)
{
	static struct stats_stay all[TELCO];
	static const char *const contracts[] = { "Month-to-month", "One year", "Two year" };
	const char *path = DATA "/telco-churn/telco_customer_churn.csv.zst";
	char line[1000], command[4200];
	if (access(path, R_OK) != 0) {
		print_message("skipped: %s is not beside this repository\n", path);
		return;
	}
	snprintf(command, sizeof command, "zstd -dcq '%s'", path);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	for (size_t i = 0; i < TELCO; i++) {
		char *words[21], *rest = line;
		assert_non_null(fgets(line, sizeof line, f));
		for (size_t k = 0; k < COUNT_OF(words); k++) words[k] = strsep(&rest, ",\r\n");
		const double months = strtod(words[5], NULL);
		/* Somebody in the first month has a tenure of 0: seen for a moment, and nobody of them left. */
		all[i] = (struct stats_stay){ .until = months > 0 ? months : 0.001,
			                      .gone = strcmp(words[20], "Yes") == 0 };
		while (strcmp(words[15], contracts[all[i].group])) all[i].group++;
	}
	assert_int_equal(pclose(f), 0);
	struct stats_life l;
	assert_int_equal(stats_life(all, TELCO, 72, &scratch, &l, NULL), OK);
	assert_int_equal(l.gone, 1869);
	static const double at[] = { 1, 12, 24, 48, 72 }, left[] = { .9460, .8432, .7887, .7088, .5928 };
	for (size_t i = 0; i < COUNT_OF(at); i++) assert_close(stats_life_at(&l, at[i]), left[i], 5e-5);
	assert_close(l.within.est, 54.4924, .0005);
	struct stats_logrank t;
	assert_int_equal(stats_logrank(all, TELCO, 3, &scratch, &t, NULL), OK);
	assert_int_equal(t.df, 2);
	assert_close(t.chi2, 2353, 1);
	static const double expected[] = { 708.4, 470.7, 689.8 };
	for (size_t g = 0; g < 3; g++) assert_close(t.groups[g].expected, expected[g], .05);

	static struct stats_stay monthly[TELCO];
	size_t n = 0;
	for (size_t i = 0; i < TELCO; i++)
		if (all[i].group == 0) monthly[n++] = all[i];
	assert_int_equal(n, 3875);
	assert_int_equal(stats_life(monthly, n, 0, &scratch, &l, NULL), OK);
	assert_close(l.median.est, 35, 0);
	assert_close(l.median.lo, 32, 0);
	assert_close(l.median.hi, 38, 0);
	assert_close(stats_life_at(&l, 24), .5859, 5e-5);
}

static void those_seen_late_count_from_then_on(void **state)
{
	/* By hand: at 2, two of the three are seen; at 4 the third has come. */
	static const struct stats_stay late[] = {
		{ 0, 2, 0, true }, { 0, 4, 0, true }, { 3, 5, 0, false }, { 3, 6, 0, false }, { 0, 7, 0, false }
	};
	struct stats_life l;
	assert_int_equal(stats_life(late, COUNT_OF(late), 0, &scratch, &l, NULL), OK);
	assert_int_equal(l.n_points, 2);
	assert_int_equal(l.points[0].at_risk, 3);
	assert_int_equal(l.points[1].at_risk, 4);
	assert_close(stats_life_at(&l, 4), 2.0 / 3 * 3 / 4, 1e-12);
	assert_true(l.median.est == 4);
}

static void what_has_no_figure_is_named(void **state)
{
	struct stats_life l;
	struct stats_logrank t;
	struct stats_cox c;
	struct err err;
	struct stats_stay few[40];
	double x[40];
	assert_int_equal(stats_life(NULL, 0, 0, &scratch, &l, &err), OK);
	assert_true(l.within.flags & STATS_SUPPRESSED);
	assert_true(isinf(l.median.est));
	for (size_t i = 0; i < COUNT_OF(few); i++) {
		few[i] = (struct stats_stay){ .until = 1 + (double)i, .gone = false };
		x[i] = (double)i;
	}
	const struct stats_matrix m = { x, COUNT_OF(few), 1 };
	assert_int_equal(stats_life(few, COUNT_OF(few), 10, &scratch, &l, &err), OK); /* nobody left */
	assert_int_equal(l.n_points, 0);
	assert_close(l.within.est, 10, 0);
	assert_true(isinf(l.median.est));
	assert_int_equal(stats_logrank(few, COUNT_OF(few), 1, &scratch, &t, &err), OK);
	assert_int_equal(t.df, 0);
	assert_close(t.p, 1, 0);
	assert_int_equal(stats_cox(m, few, &scratch, &c, &err), OK);
	assert_int_equal(c.state, STATS_COX_NOBODY);
	few[0].gone = few[1].gone = true;
	assert_int_equal(stats_cox(m, few, &scratch, &c, &err), OK);
	assert_int_equal(c.state, STATS_COX_FEW);
	for (size_t i = 0; i < COUNT_OF(few); i++) few[i].gone = true;
	assert_int_equal(stats_cox(m, few, &scratch, &c, &err), OK); /* who has less of x always leaves first */
	assert_int_equal(c.state, STATS_COX_SEPARATED);
	assert_true(c.beta[0] == 0 && c.loglik == 0);
	for (size_t i = 0; i < COUNT_OF(few); i++) few[i].until = 3; /* all at once */
	assert_int_equal(stats_life(few, COUNT_OF(few), 0, &scratch, &l, &err), OK);
	assert_close(l.points[0].left.est, 0, 0);
	assert_close(l.median.est, 3, 0);
	assert_int_equal(stats_cox(m, few, &scratch, &c, &err), OK);
	assert_true(isfinite(c.beta[0] + c.se[0]));
	double twice[80];
	for (size_t i = 0; i < 40; i++) {
		few[i].until = 1 + (double)(i * 7 % 40);
		twice[2 * i] = (double)(i % 5), twice[2 * i + 1] = 2 * twice[2 * i];
	}
	assert_int_equal(stats_cox((struct stats_matrix){ twice, 40, 2 }, few, &scratch, &c, &err), OK);
	assert_int_equal(c.state, STATS_COX_COLLINEAR);
	few[7].until = NAN;
	assert_int_equal(stats_life(few, COUNT_OF(few), 0, &scratch, &l, &err), ERR_INPUT);
	assert_int_equal(stats_cox(m, few, &scratch, &c, &err), ERR_INPUT);
	few[7] = (struct stats_stay){ .until = 2, .group = 9 };
	assert_int_equal(stats_logrank(few, COUNT_OF(few), 2, &scratch, &t, &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lung_is_left_as_published),
		cmocka_unit_test(sexes_differ_in_lung_as_published),
		cmocka_unit_test(hazards_of_lung_are_as_published),
		cmocka_unit_test(aml_is_as_published),
		cmocka_unit_test(contracts_of_telco_are_as_recomputed),
		cmocka_unit_test(those_seen_late_count_from_then_on),
		cmocka_unit_test(what_has_no_figure_is_named),
	};
	return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
