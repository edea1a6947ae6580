#include "tests/unit/stats/stats.h"

static struct stats_nps_mass mass(struct stats_nps_counts c)
{
	return (struct stats_nps_mass){ (double)c.promoters, (double)c.passives, (double)c.detractors };
}

static const struct {
	struct stats_nps_counts c;
	double s, score[2], wald[2], adjusted[2];
} recomputed[] = { /* methods 1 */
	           { { 50, 30, 20 }, 30, { 13.955, 44.339 }, { 14.692, 45.308 }, { 14.051, 44.201 } },
	           { { 36, 10, 4 }, 64, { 42.913, 77.935 }, { 46.681, 81.319 }, { 42.961, 77.793 } },
	           { { 7, 2, 1 }, 60, { 4.892, 85.886 }, { 18.887, 101.113 }, { 7.039, 85.268 } },
	           { { 5, 0, 0 }, 100, { 13.104, 100 }, { 100, 100 }, { 17.491, 100 } },
	           { { 120, 45, 35 }, 42.5, { 31.198, 52.494 }, { 31.815, 53.185 }, { 31.255, 52.488 } }
};

static void every_interval_is_the_recomputed_one(void **state)
{
	for (size_t i = 0; i < COUNT_OF(recomputed); i++) {
		static const enum stats_how hows[] = { STATS_BY_SCORE, STATS_BY_WALD, STATS_BY_ADJWALD };
		const double *want[] = { recomputed[i].score, recomputed[i].wald, recomputed[i].adjusted };
		for (size_t k = 0; k < COUNT_OF(hows); k++) {
			struct stats_estimate e;
			assert_int_equal(stats_nps_by(mass(recomputed[i].c), hows[k], 0.95, 0, NULL, &e, NULL), OK);
			assert_close(e.est, recomputed[i].s, 1e-9);
			assert_close(e.lo, want[k][0], 5.1e-4);
			assert_close(e.hi, want[k][1], 5.1e-4);
			assert_true(e.lo <= e.lo80 && e.hi80 <= e.hi);
		}
		struct stats_estimate usual, named;
		assert_int_equal(stats_nps(&recomputed[i].c, &usual, NULL), OK);
		assert_int_equal(stats_nps_by(mass(recomputed[i].c), STATS_BY_SCORE, 0.95, 9, NULL, &named, NULL), OK);
		assert_true(usual.lo == named.lo && usual.hi == named.hi && usual.method == STATS_NPS_SCORE);
	}
}

static void promoters_and_detractors_exchanged_mirror_every_interval(void **state)
{
	for (size_t i = 0; i < COUNT_OF(recomputed); i++)
		for (enum stats_how how = STATS_BY_SCORE; how <= STATS_BY_ADJWALD; how++) {
			const struct stats_nps_counts c = recomputed[i].c;
			struct stats_estimate e, m;
			assert_int_equal(stats_nps_by(mass(c), how, 0.9, 0, NULL, &e, NULL), OK);
			assert_int_equal(stats_nps_by((struct stats_nps_mass){ (double)c.detractors, (double)c.passives,
			                                                       (double)c.promoters },
			                              how, 0.9, 0, NULL, &m, NULL),
			                 OK);
			assert_close(m.lo, -e.hi, 1e-6);
			assert_close(m.hi, -e.lo, 1e-6);
		}
}

static void the_dirichlet_interval_is_as_computed_and_the_same_for_a_seed(void **state)
{
	struct arena a;
	struct stats_estimate e, again, other;
	arena_init(&a, 16 << 20);
	const struct stats_nps_mass m = { 50, 30, 20 };
	assert_int_equal(stats_nps_by(m, STATS_BY_BAYES, 0.95, 7, &a, &e, NULL), OK);
	assert_close(e.lo, 14.1, 0.5); /* methods 1 */
	assert_close(e.hi, 44.3, 0.5);
	assert_int_equal(stats_nps_by(m, STATS_BY_BAYES, 0.95, 7, &a, &again, NULL), OK);
	assert_int_equal(stats_nps_by(m, STATS_BY_BAYES, 0.95, 8, &a, &other, NULL), OK);
	assert_true(e.lo == again.lo && e.hi == again.hi && e.lo80 == again.lo80);
	assert_true(e.lo != other.lo);

	/* The posterior's mean and variance, which are known: (p - d) of Dirichlet(50.5, 30.5, 20.5). */
	const double sum = 101.5, mean = 30 / sum, second = 71 / sum;
	const double sd = sqrt((second - mean * mean) / (sum + 1));
	assert_close((e.lo80 + e.hi80) / 200, mean, 0.006);
	assert_close((e.hi80 - e.lo80) / 200, STATS_Z80 * sd, 0.004);
	arena_done(&a);
}

static void the_chance_of_being_higher_is_that_of_a_normal_for_many_answers(void **state)
{
	const struct stats_nps_mass a = { 650, 250, 100 }, b = { 620, 270, 110 }, none = { 0, 0, 0 };
	double p, mirror;
	assert_int_equal(stats_nps_chance(a, b, 3, &p, NULL), OK);
	/* d = 0.04, variances 0.4475 and 0.4699 over 1000. */
	assert_close(p, stats_normal_cdf(0.04 / sqrt((0.4475 + 0.4699) / 1000)), 0.015);
	assert_int_equal(stats_nps_chance(b, a, 3, &mirror, NULL), OK);
	assert_close(p + mirror, 1, 0.015);
	assert_int_equal(stats_nps_chance(none, none, 3, &p, NULL), OK);
	assert_close(p, 0.5, 0);
}

static void the_difference_is_squared_and_added(void **state)
{
	struct stats_nps_counts a = { 65, 25, 10 }, b = { 50, 30, 20 };
	struct stats_estimate d;
	assert_int_equal(stats_nps_diff(&a, &b, &d, NULL), OK);
	assert_close(d.est, 25, 1e-9);
	assert_close(d.lo, 4.51, 5.1e-3);
	assert_close(d.hi, 44.81, 5.1e-3);
}

/* Every way of choosing who is on side a, one by one. */
static double by_counting(const int *x, int n, int na)
{
	double all = 0, as_far = 0, seen = 0, total = 0;
	for (int i = 0; i < n; i++) total += x[i], seen += i < na ? x[i] : 0;
	seen = fabs(seen / na - (total - seen) / (n - na));
	for (unsigned bits = 0; bits < 1U << n; bits++) {
		double sum = 0;
		if (__builtin_popcount(bits) != na) continue;
		for (int i = 0; i < n; i++)
			if (bits >> i & 1) sum += x[i];
		all++;
		as_far += fabs(sum / na - (total - sum) / (n - na)) >= seen - 1e-9;
	}
	return as_far / all;
}

static void the_exact_test_counts_every_division(void **state)
{
	struct rng r;
	rng_init(&r, 41, 0);
	for (int run = 0; run < 60; run++) {
		const int n = 4 + (int)rng_below(&r, 9), na = 1 + (int)rng_below(&r, (uint64_t)n - 1);
		struct stats_nps_counts side[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
		int x[16];
		for (int i = 0; i < n; i++) {
			struct stats_nps_counts *c = &side[i < na ? 0 : 1];
			x[i] = (int)rng_below(&r, 3) - 1;
			c->promoters += x[i] == 1, c->passives += x[i] == 0, c->detractors += x[i] == -1;
		}
		double p;
		bool exact;
		assert_int_equal(stats_nps_test(&side[0], &side[1], &p, &exact, NULL), OK);
		assert_true(exact);
		assert_close(p, by_counting(x, n, na), 1e-9);
	}
}

static void many_answers_are_tested_by_the_normal(void **state)
{
	const struct stats_nps_counts a = { 65, 25, 10 }, b = { 50, 30, 20 }, none = { 0, 0, 0 };
	double p;
	bool exact;
	assert_int_equal(stats_nps_test(&a, &b, &p, &exact, NULL), OK);
	assert_false(exact);
	assert_close(p, .01505, 5.1e-6); /* methods 1: z 2.4311 */
	assert_int_equal(stats_nps_test(&a, &none, &p, &exact, NULL), OK);
	assert_close(p, 1, 0);
}

static void weighted_answers_have_the_counts_of_their_effective_number(void **state)
{
	static const double x[] = { 1, 0, -1, 1, 1, -1, 0, 1 }, w[] = { 1, 1, 2, 2, .5, .5, .5, 3 }; /* methods 1 */
	struct stats_answer a[8];
	struct stats_estimate e, want;
	for (size_t i = 0; i < 8; i++) a[i] = (struct stats_answer){ x[i], w[i], i };
	assert_int_equal(stats_nps_weighted(a, 8, 0.95, &e, NULL), OK);
	assert_close(e.est, 38.0952, 5.1e-5);
	assert_true(e.flags & STATS_WEIGHTED);
	assert_int_equal(e.n, 8);
	/* se 37.7497, so n_eff = (9 / 10.5 - .380952^2) / .377497^2 = 4.99652, less than 5.5823. */
	assert_close(e.n_eff, 4.99652, 2e-4);
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ e.n_eff * 6.5 / 10.5, e.n_eff * 1.5 / 10.5,
	                                                       e.n_eff * 2.5 / 10.5 },
	                              STATS_BY_ADJWALD, 0.95, 0, NULL, &want, NULL),
	                 OK);
	assert_close(e.lo, want.lo, 1e-9);
	assert_close(e.hi, want.hi, 1e-9);

	/* Everybody alike: the weights alone say how many answers they are worth. */
	for (size_t i = 0; i < 8; i++) a[i] = (struct stats_answer){ 1, w[i], i };
	assert_int_equal(stats_nps_weighted(a, 8, 0.95, &e, NULL), OK);
	assert_close(e.n_eff, 5.5823, 5.1e-5);
	assert_true(e.lo < 100 && e.hi == 100);
	a[0].x = 0.5;
	assert_int_equal(stats_nps_weighted(a, 8, 0.95, &e, NULL), ERR_INPUT);
}

static void the_same_answer_given_three_times_by_each_is_worth_one(void **state)
{
	struct stats_answer once[40], thrice[120];
	struct stats_estimate e1, e3;
	for (size_t i = 0; i < 40; i++) once[i] = (struct stats_answer){ (double)((int)i % 3) - 1, 1, i };
	for (size_t i = 0; i < 120; i++) thrice[i] = once[i / 3];
	assert_int_equal(stats_nps_weighted(once, 40, 0.95, &e1, NULL), OK);
	assert_int_equal(stats_nps_weighted(thrice, 120, 0.95, &e3, NULL), OK);
	assert_close(e3.lo, e1.lo, 1e-6);
	assert_close(e3.hi, e1.hi, 1e-6);
	assert_int_equal(e3.n, 120);
}

static void answers_worth_less_have_a_wider_interval_and_the_same_score(void **state)
{
	const struct stats_nps_counts c = { 50, 30, 20 };
	struct stats_estimate full, half, want, share;
	assert_int_equal(stats_nps_worth(&c, 100, &full, NULL), OK);
	assert_close(full.lo, 13.955, 5.1e-4);
	assert_int_equal(stats_nps_worth(&c, 50, &half, NULL), OK);
	assert_int_equal(
	        stats_nps_by((struct stats_nps_mass){ 25, 15, 10 }, STATS_BY_SCORE, 0.95, 0, NULL, &want, NULL), OK);
	assert_close(half.est, 30, 1e-9);
	assert_close(half.lo, want.lo, 1e-9);
	assert_int_equal(half.n, 100);
	assert_int_equal(stats_nps_worth(&c, 500, &want, NULL), OK); /* never more than they are */
	assert_close(want.lo, full.lo, 0);
	assert_int_equal(stats_share_worth((struct stats_count){ 16, 20 }, 10, &share, NULL), OK);
	assert_close(share.est, 0.8, 1e-12);
	assert_close(share.lo, .4902, 5.1e-5); /* Wilson of 8 of 10 */
	assert_close(share.hi, .9433, 5.1e-5);
}

static void what_goes_together_makes_a_difference_surer(void **state)
{
	const struct stats_nps_counts a = { 65, 25, 10 }, b = { 50, 30, 20 };
	struct stats_estimate ea, eb, d, same, none = { .flags = STATS_NOT_IDENTIFIED };
	assert_int_equal(stats_nps(&a, &ea, NULL), OK);
	assert_int_equal(stats_nps(&b, &eb, NULL), OK);
	stats_mover_diff(&ea, &eb, 0, &d);
	assert_close(d.lo, 4.51, 5.1e-3);
	assert_close(d.hi, 44.81, 5.1e-3);
	stats_mover_diff(&ea, &eb, 0.6, &same);
	assert_true(same.lo > d.lo && same.hi < d.hi && same.est == d.est);
	stats_mover_diff(&ea, &ea, 1, &same); /* the same people, the same answers */
	assert_true(same.hi - same.lo < 0.5 * (d.hi - d.lo));
	stats_mover_diff(&ea, &none, 0, &same);
	assert_true(same.flags & STATS_NOT_IDENTIFIED);
	assert_true(same.lo == 0 && same.hi == 0);
}

static void a_group_that_differs_is_found_against_the_rest_and_no_other(void **state)
{
	const struct stats_nps_counts groups[] = {
		{ 40, 30, 30 }, { 42, 30, 28 }, { 10, 20, 70 }, { 41, 29, 30 }, { 0, 0, 0 }
	};
	struct stats_rest rest[COUNT_OF(groups)];
	struct arena a;
	arena_init(&a, 1 << 20);
	assert_int_equal(stats_nps_rest(groups, COUNT_OF(groups), &a, rest, NULL), OK);
	assert_true(rest[2].differs && rest[2].diff.est < -50 && rest[2].p_adjusted >= rest[2].p);
	assert_true(rest[4].diff.flags & STATS_NOT_IDENTIFIED);
	assert_close(rest[4].p_adjusted, 1, 0);
	/* The third pulls the rest of the others down: they differ from that rest a little, but among themselves not.
	 */
	assert_int_equal(stats_nps_rest(groups, 2, &a, rest, NULL), OK);
	assert_false(rest[0].differs);
	assert_close(rest[0].diff.est, -rest[1].diff.est, 1e-9);
	arena_done(&a);
}

static struct stats_nps_counts draw(struct rng *r, int n, double p, double d)
{
	struct stats_nps_counts c = { 0, 0, 0 };
	for (int k = 0; k < n; k++) {
		const double u = rng_unit(r);
		if (u < p) c.promoters++;
		else if (u < p + d) c.detractors++;
		else c.passives++;
	}
	return c;
}

/* Methods 13: 93 to 97 % at n = 20, 50 and 200; and methods 1's own simulated figures, Wald's among them. */
static void intervals_cover_as_often_as_they_say(void **state)
{
	static const struct {
		double p, d;
		int n;
		double wald, adjusted, score; /* 0: none printed */
	} t[] = {
		{ .8, .05, 10, .877, .943, .969 }, { .8, .05, 20, .860, .956, .962 }, { .5, .2, 10, .894, .962, .944 },
		{ .5, .2, 20, .928, .948, .948 },  { .3, .3, 50, .940, .949, .950 },  { .3, .3, 20, 0, 0, 0 },
		{ .5, .2, 50, 0, 0, 0 },           { .8, .05, 50, 0, 0, 0 },          { .3, .3, 200, .948, .948, .948 },
		{ .5, .2, 200, .948, .948, .948 }, { .8, .05, 200, 0, 0, 0 },
	};
	const int runs = 4000;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		static const enum stats_how hows[] = { STATS_BY_WALD, STATS_BY_ADJWALD, STATS_BY_SCORE };
		const double truth = 100 * (t[i].p - t[i].d), want[] = { t[i].wald, t[i].adjusted, t[i].score };
		struct rng r;
		int hit[3] = { 0, 0, 0 };
		rng_init(&r, 20261122, i);
		for (int run = 0; run < runs; run++) {
			const struct stats_nps_counts c = draw(&r, t[i].n, t[i].p, t[i].d);
			for (size_t k = 0; k < 3; k++) {
				struct stats_estimate e;
				assert_int_equal(stats_nps_by(mass(c), hows[k], 0.95, 0, NULL, &e, NULL), OK);
				hit[k] += e.lo <= truth + 1e-9 && truth - 1e-9 <= e.hi;
			}
		}
		const double cover = (double)hit[2] / runs;
		if (t[i].n >= 20 && !(cover >= 0.93 && cover <= 0.97))
			fail_msg("n = %d, (%g, %g): the score interval covers %.4f", t[i].n, t[i].p, t[i].d, cover);
		for (size_t k = 0; k < 3; k++)
			if (want[k] > 0) assert_close((double)hit[k] / runs, want[k], 0.014);
	}
}

static void impossible_counts_and_levels_are_errors(void **state)
{
	struct stats_estimate e;
	struct err err = { 0 };
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ -1, 0, 0 }, STATS_BY_SCORE, .95, 0, NULL, &e, &err),
	                 ERR_INPUT);
	assert_string_equal(err.id, "nps.counts");
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ NAN, 0, 0 }, STATS_BY_SCORE, .95, 0, NULL, &e, &err),
	                 ERR_INPUT);
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ 1, 2, 3 }, STATS_BY_SCORE, 1, 0, NULL, &e, &err),
	                 ERR_INPUT);
	assert_string_equal(err.id, "stats.level");
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ 1, 2, 3 }, STATS_BY_T, .95, 0, NULL, &e, &err),
	                 ERR_INPUT);
	assert_string_equal(err.id, "stats.how");
	assert_int_equal(stats_nps_by((struct stats_nps_mass){ 0, 0, 0 }, STATS_BY_WALD, .95, 0, NULL, &e, &err), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_true(e.est == 0 && e.lo == 0 && e.hi == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_interval_is_the_recomputed_one),
		cmocka_unit_test(promoters_and_detractors_exchanged_mirror_every_interval),
		cmocka_unit_test(the_dirichlet_interval_is_as_computed_and_the_same_for_a_seed),
		cmocka_unit_test(the_chance_of_being_higher_is_that_of_a_normal_for_many_answers),
		cmocka_unit_test(the_difference_is_squared_and_added),
		cmocka_unit_test(the_exact_test_counts_every_division),
		cmocka_unit_test(many_answers_are_tested_by_the_normal),
		cmocka_unit_test(weighted_answers_have_the_counts_of_their_effective_number),
		cmocka_unit_test(the_same_answer_given_three_times_by_each_is_worth_one),
		cmocka_unit_test(answers_worth_less_have_a_wider_interval_and_the_same_score),
		cmocka_unit_test(what_goes_together_makes_a_difference_surer),
		cmocka_unit_test(a_group_that_differs_is_found_against_the_rest_and_no_other),
		cmocka_unit_test(intervals_cover_as_often_as_they_say),
		cmocka_unit_test(impossible_counts_and_levels_are_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
