#include "tests/unit/stats/stats.h"

static struct arena arena;

static void kanos_table_is_the_printed_one(void **state)
{
	static const char *const rows[] = { "QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ" }; /* methods 2.7 */
	for (uint8_t with = 0; with < 5; with++)
		for (uint8_t without = 0; without < 5; without++)
			assert_int_equal(stats_kano_letters[stats_kano_sort((struct stats_kano_pair){ with, without })],
			                 rows[with][without]);
}

/* Answers that give each sort. */
static const struct stats_kano_pair give[STATS_KANO_SORTS] = {
	{ STATS_KANO_MUST_BE, STATS_KANO_DISLIKE }, { STATS_KANO_LIKE, STATS_KANO_DISLIKE },
	{ STATS_KANO_LIKE, STATS_KANO_NEUTRAL },    { STATS_KANO_NEUTRAL, STATS_KANO_NEUTRAL },
	{ STATS_KANO_NEUTRAL, STATS_KANO_LIKE },    { STATS_KANO_LIKE, STATS_KANO_LIKE },
};

static void kano_of(const int *counts, struct stats_kano *out)
{
	struct stats_kano_pair pairs[200];
	size_t n = 0;
	int64_t discarded;
	for (int s = 0; s < STATS_KANO_SORTS; s++)
		for (int i = 0; i < counts[s]; i++) pairs[n++] = give[s];
	assert_int_equal(stats_kano(pairs, n, 1, out, &discarded, NULL), OK);
}

static void better_worse_and_fongs_test_are_the_recomputed_ones(void **state)
{
	struct stats_kano k;
	kano_of((int[]){ 20, 25, 40, 15, 0, 0 }, &k); /* methods 2.7: A 40, O 25, M 20, I 15 */
	assert_close(k.better.est, .65, 1e-12);
	assert_close(k.worse.est, -.45, 1e-12);
	assert_true(k.worse.lo < k.worse.est && k.worse.est < k.worse.hi && k.worse.hi < 0);
	assert_int_equal(k.sort, STATS_KANO_A);
	assert_close(k.ahead, 15, 0);
	assert_close(k.needed, 10.93, 5.1e-3);
	assert_true(k.clear);
	kano_of((int[]){ 30, 25, 40, 15, 0, 0 }, &k);
	assert_false(k.clear);
}

static void ties_go_to_what_would_hurt_most_and_nobody_is_no_number(void **state)
{
	struct stats_kano k;
	kano_of((int[]){ 10, 10, 10, 10, 0, 0 }, &k);
	assert_int_equal(k.sort, STATS_KANO_M);
	kano_of((int[]){ 5, 10, 10, 10, 0, 0 }, &k);
	assert_int_equal(k.sort, STATS_KANO_O);
	kano_of((int[]){ 5, 5, 10, 10, 10, 0 }, &k);
	assert_int_equal(k.sort, STATS_KANO_A);
	assert_false(k.clear);
	kano_of((int[]){ 0, 0, 0, 0, 0, 0 }, &k);
	assert_true(k.better.flags & STATS_NOT_IDENTIFIED);
	assert_false(k.clear);
}

static void who_contradicts_himself_too_often_is_left_out(void **state)
{
	struct stats_kano_pair pairs[3 * 4];
	struct stats_kano k[4];
	int64_t discarded;
	for (size_t i = 0; i < 12; i++) pairs[i] = give[STATS_KANO_A];
	pairs[0] = give[STATS_KANO_Q]; /* one of four: stays */
	pairs[4] = pairs[5] = give[STATS_KANO_Q];
	pairs[8].with = STATS_KANO_NO_ANSWER;
	pairs[9] = give[STATS_KANO_Q]; /* one of three: goes */
	assert_int_equal(stats_kano(pairs, 3, 4, k, &discarded, NULL), OK);
	assert_int_equal(discarded, 2);
	assert_int_equal(k[0].counts[STATS_KANO_Q], 1);
	assert_int_equal(k[1].n, 1);
	pairs[3].with = 7;
	assert_int_equal(stats_kano(pairs, 3, 4, k, &discarded, NULL), ERR_INPUT);
}

static void servqual_gives_the_recomputed_gaps(void **state)
{
	static const double p[] = { 5.3, 4.9, 5.1, 5.6, 5.0 }, e[] = { 5.2, 6.4, 6.1, 6.0, 5.7 }; /* methods 2.6 */
	static const double want[] = { .1, -1.5, -1, -.4, -.7 };
	double expected[4 * 22], perceived[4 * 22];
	uint8_t dimension[22];
	struct stats_servqual r;
	size_t item = 0;
	for (uint8_t d = 0; d < 5; d++)
		for (int i = 0; i < stats_servqual_items[d]; i++) dimension[item++] = d;
	assert_int_equal(item, 22);
	for (size_t person = 0; person < 4; person++)
		for (size_t i = 0; i < 22; i++) {
			const double own = person == 0 ? -.6 : person == 1 ? .2 : person == 2 ? .4 : 0;
			expected[person * 22 + i] = e[dimension[i]];
			perceived[person * 22 + i] = p[dimension[i]] + own;
		}
	expected[0] = NAN; /* one item not answered: the others of its dimension stand for it */
	const struct stats_servqual_in in = {
		expected, perceived, dimension, stats_servqual_weights, 4, 22, 5, { 1, 7 }
	};
	assert_int_equal(stats_servqual(&in, &arena, &r, NULL), OK);
	for (size_t d = 0; d < 5; d++) assert_close(r.dimensions[d].gap.est, want[d], 1e-9);
	assert_close(r.unweighted.est, -.70, 1e-9);
	assert_close(r.weighted.est, -.877, 1e-9);
	/* Four people whose gaps are .6 below to .4 above: t of 3 degrees. */
	const double se = sqrt((.36 + .04 + .16) / 3 / 4);
	assert_close(r.weighted.hi - r.weighted.est, 3.182446 * se, 1e-5);
	assert_close(r.p_weighted, stats_t_two_sided(-.877 / se, 3), 1e-9);
	struct stats_servqual_in wrong = in;
	const double none[] = { 1, 1, 1, 1, 0 };
	wrong.weights = none;
	assert_int_equal(stats_servqual(&wrong, &arena, &r, NULL), ERR_INPUT);
	wrong = in, wrong.n_dimensions = 4;
	assert_int_equal(stats_servqual(&wrong, &arena, &r, NULL), ERR_INPUT);
}

static void a_gap_is_paired_and_tells_how_its_sides_go_together(void **state)
{
	static const double e[] = { 6, 7, 5, 6, 7, 4, 6 }, p[] = { 5, 6, 5, 4, 6, 4, NAN };
	struct stats_gap g;
	assert_int_equal(stats_gap(e, p, 7, (struct interval){ 1, 7 }, &g, NULL), OK);
	assert_int_equal(g.gap.n, 6);
	assert_close(g.gap.est, -5.0 / 6, 1e-12);
	assert_close(g.expected.est, 35.0 / 6, 1e-12);
	/* Differences -1 -1 0 -2 -1 0: variance 0.566667, t of 5 degrees. */
	assert_close(g.gap.hi - g.gap.est, 2.570582 * sqrt(0.5666667 / 6), 1e-5);
	assert_close(g.corr, 4.0 / sqrt(6.8333333333 * 4), 1e-9);
	assert_close(g.p, stats_t_two_sided(-5.0 / 6 / sqrt(0.5666666667 / 6), 5), 1e-9);
	assert_int_equal(stats_gap(e, e, 7, (struct interval){ 0, 0 }, &g, NULL), OK);
	assert_true(g.gap.flags & STATS_NO_SPREAD);
	assert_close(g.p, 1, 0);
	/* Seven who are met as they had expected: 0.025^(1/7) = 0.590384, of a way of 6. */
	assert_int_equal(stats_gap(e, e, 7, (struct interval){ 1, 7 }, &g, NULL), OK);
	assert_int_equal(g.gap.flags, STATS_SMALL_N);
	assert_close(g.gap.hi, 2.457698, 1e-6);
	assert_close(g.gap.lo, -2.457698, 1e-6);
	assert_close(g.p, 1, 0);
	assert_close(stats_gap_reliability(.8, .9, .5), .7, 1e-12);
}

static void alpha_is_that_of_its_formula_with_feldts_interval(void **state)
{

	static const double x[] = { 2, 3, 3, 4, 4, 3, 3, 3, 4, 5, 5, 5, 3, 4, 2 };
	struct stats_moments sum = { 0 }, item[3] = { { 0 }, { 0 }, { 0 } };
	for (size_t i = 0; i < 5; i++) {
		stats_see(&sum, x[3 * i] + x[3 * i + 1] + x[3 * i + 2]);
		for (size_t j = 0; j < 3; j++) stats_see(&item[j], x[3 * i + j]);
	}
	const double want =
	        1.5 * (1 - (stats_var(&item[0]) + stats_var(&item[1]) + stats_var(&item[2])) / stats_var(&sum));
	struct stats_estimate a;
	assert_int_equal(stats_alpha(x, 5, 3, &a, NULL), OK);
	assert_close(a.est, want, 1e-12);
	assert_true(a.lo < a.lo80 && a.lo80 < a.est && a.est < a.hi80 && a.hi80 < a.hi && a.hi < 1);
	/* The limits are where F has 2.5 % beyond. */
	assert_close(stats_f_upper((1 - a.lo) / (1 - a.est), 4, 8), 0.025, 1e-9);
	assert_close(stats_f_upper((1 - a.hi) / (1 - a.est), 4, 8), 0.975, 1e-9);

	static const double same[] = { 1, 1, 2, 2, 3, 3, 4, 4 };
	assert_int_equal(stats_alpha(same, 4, 2, &a, NULL), OK);
	assert_close(a.est, 1, 1e-12);
	assert_int_equal(stats_alpha(same, 8, 1, &a, NULL), OK);
	assert_true(a.flags & STATS_NOT_IDENTIFIED);
	assert_int_equal(stats_alpha((double[]){ 1, 2, 1, 2 }, 2, 2, &a, NULL), OK);
	assert_true(a.flags & STATS_NOT_IDENTIFIED);
}

static void alphas_interval_covers_what_was_planted(void **state)
{
	/* Parallel items of variance 2 with covariance 1: alpha = 4/3 (1 - 8 / 20) = 0.8. */
	int inside = 0;
	const int runs = 1000;
	for (int run = 0; run < runs; run++) {
		double x[30 * 4];
		struct rng r;
		struct stats_estimate a;
		rng_init(&r, 8, (uint64_t)run);
		for (size_t i = 0; i < 30; i++) {
			const double own = rng_normal(&r);
			for (size_t j = 0; j < 4; j++) x[4 * i + j] = own + rng_normal(&r);
		}
		assert_int_equal(stats_alpha(x, 30, 4, &a, NULL), OK);
		inside += a.lo <= 0.8 && 0.8 <= a.hi;
	}
	assert_in_band((double)inside / runs, 0.93, 0.97);
}

static void an_engagement_level_is_the_mean_of_its_items_on_one_scale(void **state)
{
	static const double x[] = { 7, 7, 6, 4, 4, 5, 1, 2, 1, NAN, 7, NAN, 6, NAN, 7 };
	struct stats_scale_score s;
	assert_int_equal(stats_scale_score(x, 5, 3, (struct interval){ 1, 7 }, &s, NULL), OK);
	assert_int_equal(s.score.n, 4); /* one of three answered is too few */
	assert_int_equal(s.alpha.n, 3);
	assert_close(s.score.est, ((20 - 3) + (13 - 3) + (4 - 3)) * 100.0 / 18 / 4 + 5.5 * 100 / 6 / 4, 1e-9);
	assert_true(s.consistent);
	struct err err = { 0 };
	assert_int_equal(stats_scale_score((double[]){ 8, 1 }, 1, 2, (struct interval){ 1, 7 }, &s, &err), ERR_INPUT);
	assert_string_equal(err.id, "score.range");
	assert_int_equal(stats_scale_score(x, 5, 3, (struct interval){ 7, 7 }, &s, &err), ERR_INPUT);
}

static int open_arena(void **state)
{
	arena_init(&arena, 16 << 20);
	return 0;
}

static int close_arena(void **state)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kanos_table_is_the_printed_one),
		cmocka_unit_test(better_worse_and_fongs_test_are_the_recomputed_ones),
		cmocka_unit_test(ties_go_to_what_would_hurt_most_and_nobody_is_no_number),
		cmocka_unit_test(who_contradicts_himself_too_often_is_left_out),
		cmocka_unit_test(servqual_gives_the_recomputed_gaps),
		cmocka_unit_test(a_gap_is_paired_and_tells_how_its_sides_go_together),
		cmocka_unit_test(alpha_is_that_of_its_formula_with_feldts_interval),
		cmocka_unit_test(alphas_interval_covers_what_was_planted),
		cmocka_unit_test(an_engagement_level_is_the_mean_of_its_items_on_one_scale),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
