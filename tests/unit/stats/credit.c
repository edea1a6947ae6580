/* Credit for contacts against recomputed figures of public data, and what friends bring. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "tests/unit/stats/stats.h"
#include "tests/unit/stats/scratch.h"

enum { PATHS = 10000, CHANNELS = 12 };
static const char *const names[CHANNELS] = { "alpha",   "beta",  "eta",  "iota",  "theta", "lambda",
	                                     "epsilon", "kappa", "zeta", "gamma", "delta", "mi" };
static struct stats_path paths[PATHS];
static uint16_t steps[1000000];

static bool read_paths(void)
{
	const char *path = DATA "/attribution/paths.csv.zst";
	static char line[100000];
	char command[4200];
	size_t used = 0;
	if (access(path, R_OK) != 0) {
		print_message("skipped: %s is not beside this repository\n", path);
		return false;
	}
	snprintf(command, sizeof command, "zstd -dcq '%s'", path);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	for (size_t i = 0; i < PATHS; i++) {
		assert_non_null(fgets(line, sizeof line, f));
		char *rest = line, *way = strsep(&rest, ";"), *word;
		paths[i] = (struct stats_path){ .channels = steps + used };
		while ((word = strsep(&way, " >"))) {
			if (!*word) continue;
			uint16_t c = 0;
			while (strcmp(names[c], word)) c++;
			steps[used++] = c, paths[i].n++;
		}
		paths[i].converted = strtoll(strsep(&rest, ";"), NULL, 10);
		paths[i].value = strtod(strsep(&rest, ";"), NULL);
		paths[i].lost = strtoll(rest, NULL, 10);
	}
	assert_int_equal(pclose(f), 0);
	return true;
}

static void public_paths_get_the_recomputed_credit(void **state)
{
	static const double want[STATS_CREDIT_RULES][CHANNELS] = {
		{ 6308, 2831, 3164, 4606, 1606, 902, 99, 74, 27, 165, 1, 2 },
		{ 8447, 989, 4167, 3355, 653, 1207, 531, 230, 107, 92, 5, 2 },
		{ 7574.7186, 2083.5001, 3539.9512, 3857.0962, 1022.8014, 1035.2576, 272.1704, 137.9641, 136.5515,
		  121.0416, 1.725, 2.2222 },
		{ 5344.948, 2527.352, 3340.847, 3884.615, 1971.913, 1282.847, 599.571, 274.363, 381.063, 171.145, 4.614,
		  1.722 },
		{ 7627.944, 1982.7393, 3613.656, 3505.044, 1190.9631, 987.7821, 374.6774, 159.0571, 199.9917, 138.1857,
		  2.2929, 2.6667 },
	};
	static const double removal[CHANNELS] = { .558399, .264039, .349026, .405835, .206010, .134022,
		                                  .062639, .028663, .039811, .017880, .000482, .000180 };
	struct stats_credit r;
	if (!read_paths()) return;
	assert_int_equal(stats_credit(paths, PATHS, CHANNELS, 0, 1, &scratch, &r, NULL), OK);
	assert_int_equal(r.converted, 19785);
	assert_int_equal(r.lost, 68602);
	assert_close(r.value, 74802.97, .005);
	assert_close(r.rate.est, .22384514, 5e-9);
	for (size_t k = 0; k < CHANNELS; k++) {
		assert_close(r.channels[k].removal, removal[k], 6e-7);
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++)
			assert_close(r.channels[k].conversions[rule].est, want[rule][k], 6e-4);
	}
	for (int rule = 0; rule < STATS_CREDIT_RULES; rule++) {
		double sum = 0, value = 0;
		for (size_t k = 0; k < CHANNELS; k++) {
			sum += r.channels[k].conversions[rule].est;
			value += r.channels[k].value[rule];
		}
		assert_close(sum, 19785, 1e-6);
		assert_close(value, r.value, 1e-6);
	}
	assert_true(r.channels[0].conversions[0].flags & STATS_NOT_IDENTIFIED); /* no draws, no interval */
}

static void credit_comes_with_an_interval(void **state)
{
	struct stats_credit r, again;
	if (!read_paths()) return;
	assert_int_equal(stats_credit(paths, PATHS, CHANNELS, 60, 1, &scratch, &r, NULL), OK);
	assert_int_equal(stats_credit(paths, PATHS, CHANNELS, 60, 1, &scratch, &again, NULL), OK);
	for (size_t k = 0; k < CHANNELS; k++) {
		const struct stats_channel_credit *c = &r.channels[k];
		assert_memory_equal(c->conversions, again.channels[k].conversions, sizeof c->conversions);
		assert_true(c->touched >= c->touched_converted);
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++) {
			const struct stats_estimate *e = &c->conversions[rule];
			assert_true(e->lo <= e->lo80 && e->lo80 <= e->est && e->est <= e->hi80 && e->hi80 <= e->hi);
			assert_false(e->flags & STATS_NOT_IDENTIFIED);
		}
		/* First contact is a plain count: its spread is that of a Poisson, 1.96 sqrt(n) to each side. */
		const struct stats_estimate *first = &c->conversions[STATS_CREDIT_FIRST];
		if (first->est > 500) assert_in_band((first->hi - first->lo) / (2 * 1.96 * sqrt(first->est)), .6, 1.5);
	}
}

static void the_chain_is_as_by_hand(void **state)
{
	static const uint16_t a[] = { 0, 1, 2 }, b[] = { 0 }, c[] = { 1, 2 };
	static const struct stats_path toy[] = { { a, 3, 1, 0, 10 }, { b, 1, 0, 1, 0 }, { c, 2, 0, 1, 0 } };
	static const double removal[] = { .5, 1, 1 }, credit[] = { .2, .4, .4 };
	struct stats_credit r;
	assert_int_equal(stats_credit(toy, COUNT_OF(toy), 3, 0, 1, &scratch, &r, NULL), OK);
	for (size_t k = 0; k < 3; k++) assert_close(r.channels[k].removal, removal[k], 1e-12);
	/* Two journeys touched each channel: too few to be shown. */
	assert_true(r.channels[0].conversions[STATS_CREDIT_MARKOV].flags & STATS_SUPPRESSED);
	struct stats_path many[COUNT_OF(toy)];
	for (size_t i = 0; i < COUNT_OF(toy); i++) {
		many[i] = toy[i];
		many[i].converted *= 100, many[i].lost *= 100;
	}
	assert_int_equal(stats_credit(many, COUNT_OF(toy), 3, 0, 1, &scratch, &r, NULL), OK);
	for (size_t k = 0; k < 3; k++)
		assert_close(r.channels[k].conversions[STATS_CREDIT_MARKOV].est, 100 * credit[k], 1e-9);
}

static void paths_without_credit_are_named(void **state)
{
	static const uint16_t once[] = { 0, 0, 1 }, wrong[] = { 0, 7 };
	const struct stats_path none = { once, 3, 0, 50, 0 }, all = { once, 3, 50, 0, 5 };
	struct stats_credit r;
	struct err err;
	assert_int_equal(stats_credit(&none, 1, 3, 20, 1, &scratch, &r, &err), OK); /* nobody converted */
	for (size_t k = 0; k < 3; k++)
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++) {
			assert_close(r.channels[k].conversions[rule].est, 0, 0);
			assert_true(r.channels[k].conversions[rule].flags & STATS_NOT_IDENTIFIED);
		}
	assert_int_equal(stats_credit(&all, 1, 3, 20, 1, &scratch, &r, &err),
	                 OK); /* everybody did; nobody met the third */
	assert_close(r.channels[0].conversions[STATS_CREDIT_MARKOV].est, 25, 1e-9);
	assert_close(r.channels[0].conversions[STATS_CREDIT_SHAPLEY].est, 25, 1e-9);
	assert_close(r.channels[0].conversions[STATS_CREDIT_LINEAR].est, 100.0 / 3, 1e-9);
	assert_close(r.channels[2].removal, 0, 0);
	assert_int_equal(stats_credit(NULL, 0, 3, 20, 1, &scratch, &r, &err), OK);
	assert_true(r.rate.flags & STATS_NOT_IDENTIFIED);
	const struct stats_path bad[] = { { wrong, 2, 1, 0, 0 },
		                          { once, 0, 1, 0, 0 },
		                          { once, 1, -1, 0, 0 },
		                          { once, 1, 1, 0, NAN },
		                          { once, 1, 1, 0, -1 } };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(stats_credit(&bad[i], 1, 3, 20, 1, &scratch, &r, &err), ERR_INPUT);
	assert_int_equal(stats_credit(&all, 1, 51, 20, 1, &scratch, &r, &err), ERR_LIMIT);
	assert_int_equal(stats_credit(&all, 1, 0, 20, 1, &scratch, &r, &err), ERR_LIMIT);
}

static void a_rate_has_exact_limits(void **state)
{
	struct stats_estimate e;
	struct err err;
	assert_int_equal(stats_rate(10, 100, &e, &err), OK); /* Garwood: 4.7954 to 18.3904 */
	assert_close(e.est, .1, 1e-12);
	assert_close(e.lo, .047954, 1e-6);
	assert_close(e.hi, .183904, 1e-6);
	assert_int_equal(stats_rate(0, 10, &e, &err), OK);
	assert_close(e.lo, 0, 0);
	assert_close(e.hi, .3688879, 1e-7);
	assert_int_equal(stats_rate(0, 0, &e, &err), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_int_equal(stats_rate(3, 0, &e, &err), ERR_INPUT);
	assert_int_equal(stats_rate(3, NAN, &e, &err), ERR_INPUT);
}

static void earned_growth_is_as_published(void **state)
{
	const struct stats_growth g = stats_earned_growth(&(struct stats_earned){ 100, 92, 14, 10 });
	assert_true(g.known);
	assert_close(g.earned_growth, .06, 1e-12);
	assert_close(g.growth, .16, 1e-12);
	assert_false(stats_earned_growth(&(struct stats_earned){ 0, 0, 5, 5 }).known);
	assert_false(stats_earned_growth(&(struct stats_earned){ 100, NAN, 5, 5 }).known);
	assert_false(stats_earned_growth(&(struct stats_earned){ 100, -1, 5, 5 }).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_paths_get_the_recomputed_credit),
		cmocka_unit_test(credit_comes_with_an_interval),
		cmocka_unit_test(the_chain_is_as_by_hand),
		cmocka_unit_test(paths_without_credit_are_named),
		cmocka_unit_test(a_rate_has_exact_limits),
		cmocka_unit_test(earned_growth_is_as_published),
	};
	return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
