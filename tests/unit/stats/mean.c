#include "tests/unit/stats/stats.h"

static void t_interval_of_the_effort_answers(void **state)
{
	static const double x[] = { 5, 6, 7, 4, 6, 7, 3, 5, 6, 7 }; /* methods 1 */
	struct stats_moments m = { 0 };
	for (size_t i = 0; i < COUNT_OF(x); i++) stats_see(&m, x[i]);
	struct stats_estimate e;
	stats_mean(&m, &e);
	assert_close(e.est, 5.6, 1e-12);
	assert_close(e.lo, 4.6343, 5.1e-5);
	assert_close(e.hi, 6.5657, 5.1e-5);
	assert_true(e.flags & STATS_SMALL_N);
}

static void one_value_and_equal_values_have_an_estimate_and_no_interval(void **state)
{
	struct stats_moments m = { 0 };
	struct stats_estimate e;
	stats_mean(&m, &e);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_close(e.est, 0, 0);
	for (int i = 1; i < 4; i++) {
		stats_see(&m, 7);
		stats_mean(&m, &e);
		assert_int_equal(e.flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD), STATS_NO_SPREAD);
		assert_close(e.est, 7, 0);
		assert_int_equal(e.n, i);
	}
}

static struct stats_estimate agreed(double c, int64_t n, double low, double high)
{
	const struct stats_moments m = { .n = n, .mean = c };
	struct stats_estimate e;
	stats_mean(&m, &e);
	stats_on_scale(&e, (struct interval){ low, high });
	return e;
}

/* By hand: 0.025^(1/20) = 0.831567, 0.1^(1/20) = 0.891251; 0.025^(1/5) = 0.478176. */
static void a_scale_bounds_the_mean_where_everybody_agrees(void **state)
{
	struct stats_estimate e = agreed(5, 20, 1, 5);
	assert_int_equal(e.flags, STATS_SMALL_N);
	assert_int_equal(e.method, STATS_MEAN_AGREED);
	assert_close(e.est, 5, 0);
	assert_close(e.lo, 4.326266, 1e-6); /* 5 - 4 * 0.168433 */
	assert_close(e.hi, 5, 0);
	assert_close(e.lo80, 4.565004, 1e-6); /* 5 - 4 * 0.108749 */
	e = agreed(3, 5, 1, 5);
	assert_close(e.lo, 1.956352, 1e-6); /* 3 - 2 * 0.521824 */
	assert_close(e.hi, 4.043648, 1e-6);
	e = agreed(-.5, 20, -1, 1);
	assert_close(e.lo, -.584217, 1e-6);
	assert_close(e.hi, -.247350, 1e-6);
	e = agreed(4, 1, 1, 5); /* one answer tells next to nothing */
	assert_close(e.lo, 1.075, 1e-12);
	assert_close(e.hi, 4.975, 1e-12);
	/* 20 who all say 10 more on -100 to 100: the interval ends at 0 where 2 (100 / 110)^n is its error. */
	assert_close(stats_agreed_p(10, 20, (struct interval){ -100, 100 }), .297287, 1e-6);
	assert_close(stats_agreed_p(-10, 20, (struct interval){ -100, 100 }), .297287, 1e-6);
	assert_close(stats_agreed_p(0, 20, (struct interval){ -100, 100 }), 1, 0);
}

static void weights_and_repeats_make_agreement_worth_as_many_as_there_are_customers(void **state)
{
	struct stats_answer a[12];
	struct stats_estimate e;
	double se;
	/* Four customers, thrice each, one of them weighs double: 15^2 / 21 answers, a third of it of them. */
	for (size_t i = 0; i < 12; i++) a[i] = (struct stats_answer){ .1, i / 3 == 0 ? 2 : 1, i / 3 };
	assert_int_equal(stats_mean_clustered(a, 12, &e, &se, NULL), OK);
	assert_true(e.flags & STATS_NO_SPREAD); /* though a tenth has no exact double */
	assert_close(se, 0, 0);
	assert_close(e.n_eff, 25.0 / 7, 1e-12);
	stats_on_scale(&e, (struct interval){ 0, 1 });
	assert_close(e.hi, .1 + .9 * (1 - pow(.025, 7.0 / 25)), 1e-12);
	assert_close(e.lo, .1 * pow(.025, 7.0 / 25), 1e-12);
	stats_mark(&e);
	stats_on_scale(&e, (struct interval){ 0, 1 });
	assert_close(e.est, .1, 1e-12);
}

/* Where nearly everybody says 5 of 1 to 5, twenty answers often all agree. */
static void the_interval_covers_where_agreement_is_common(void **state)
{
	static const struct {
		double share, other;
	} c[] = { { .97, 1 }, { .97, 4 }, { .9, 3 }, { .99, 1 } };
	enum { RUNS = 4000, N = 20 };
	struct arena arena;
	struct stats_score_rule rule = { .kind = STATS_SCORE_CSAT };
	arena_init(&arena, 16 << 20);
	assert_int_equal(stats_score_rule(&rule, NULL), OK);
	for (size_t k = 0; k < COUNT_OF(c); k++) {
		const double truth = c[k].share * 5 + (1 - c[k].share) * c[k].other;
		struct rng r;
		int covered = 0, alike = 0;
		rng_init(&r, 11 + k, 0);
		for (int run = 0; run < RUNS; run++) {
			struct stats_moments m = { 0 };
			struct stats_estimate e;
			for (int i = 0; i < N; i++) stats_see(&m, rng_unit(&r) < c[k].share ? 5 : c[k].other);
			stats_mean(&m, &e);
			alike += (e.flags & STATS_NO_SPREAD) != 0;
			stats_on_scale(&e, (struct interval){ 1, 5 });
			covered += e.lo <= truth && truth <= e.hi;
		}
		assert_true(covered >= .93 * RUNS);
		assert_true(k != 0 || (alike > .5 * RUNS && alike < .59 * RUNS)); /* .97^20 = .5438 */
	}
	/* The same through a question's score, whose mean is the bootstrap's where answers are skewed. */
	struct rng r;
	int covered = 0;
	rng_init(&r, 5, 0);
	for (int run = 0; run < 1000; run++) {
		double x[N];
		struct stats_score s;
		for (int i = 0; i < N; i++) x[i] = rng_unit(&r) < .97 ? 5 : 1;
		assert_int_equal(stats_score_of(&rule, x, N, &arena, &s, NULL), OK);
		assert_false(s.other.flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD));
		assert_true(s.other.lo >= 1 && s.other.hi <= 5);
		covered += s.other.lo <= 4.88 && 4.88 <= s.other.hi;
		arena_reset(&arena);
	}
	assert_true(covered >= 930);
	arena_done(&arena);
}

static const double nps_x[] = { 100, 0, -100, 100, 100, -100, 0, 100 };
static const double nps_w[] = { 1, 1, 2, 2, .5, .5, .5, 3 };

/* One answer each: the summary of a group gives Student's interval of its answers. */
static void a_mean_from_its_summary_is_the_mean_of_the_answers(void **state)
{
	struct stats_answer a[6] = { { 1, 1, 1 }, { 5, 1, 1 }, { 2, 1, 2 }, { 4, 1, 3 }, { 4, 1, 3 }, { 3, 1, 4 } };
	struct stats_estimate want, got;
	double se;
	assert_int_equal(stats_mean_clustered(a, 6, &want, &se, NULL), OK);
	stats_mean_group(&(struct stats_group){ want.est, se, 6, 4 }, &got);
	assert_true(got.est == want.est && got.lo == want.lo && got.hi == want.hi);
	assert_true(got.lo80 == want.lo80 && got.hi80 == want.hi80);
	assert_int_equal(got.n, 6);
	stats_mean_group(&(struct stats_group){ 80, 0, 6, 4 }, &got);
	assert_true(got.flags & STATS_NO_SPREAD);
	assert_true(got.est == 80 && got.n_eff == 4);
	stats_mean_group(&(struct stats_group){ NAN, NAN, 0, 0 }, &got);
	assert_true(got.flags & STATS_NOT_IDENTIFIED);
	assert_true(got.est == 0);
	stats_mean_group(&(struct stats_group){ 80, NAN, 1, 1 }, &got);
	assert_true(got.flags & STATS_NO_SPREAD);
	stats_mean_group(&(struct stats_group){ 80, NAN, 6, 4 }, &got);
	assert_true(got.flags & STATS_NOT_IDENTIFIED);
}

static void weighted_mean_has_the_recomputed_error_and_effective_n(void **state)
{
	struct stats_answer a[8];
	for (size_t i = 0; i < 8; i++) a[i] = (struct stats_answer){ nps_x[i], nps_w[i], i };
	struct stats_estimate e;
	double se;
	assert_int_equal(stats_mean_clustered(a, 8, &e, &se, NULL), OK);
	assert_close(e.est, 38.0952, 5.1e-5);
	assert_close(se, 37.7497, 5.1e-5);
	assert_close(e.n_eff, 5.5823, 5.1e-5);
	assert_close(8 / e.n_eff, 1.4331, 5.1e-5); /* deff */
	assert_true(e.flags & STATS_WEIGHTED);
}

static void an_answer_repeated_by_one_customer_does_not_narrow_the_interval(void **state)
{
	struct stats_answer once[6], thrice[18];
	for (size_t i = 0; i < 6; i++) {
		once[i] = (struct stats_answer){ (double)(i * i), 1, i };
		for (size_t k = 0; k < 3; k++) thrice[3 * i + k] = once[i];
	}
	struct stats_estimate a, b;
	double se_a, se_b;
	assert_int_equal(stats_mean_clustered(once, 6, &a, &se_a, NULL), OK);
	assert_int_equal(stats_mean_clustered(thrice, 18, &b, &se_b, NULL), OK);
	assert_close(b.est, a.est, 1e-12);
	assert_close(se_b, se_a, 1e-12);
	assert_close(b.lo, a.lo, 1e-9);
}

static void shift_scale_and_order_do_what_they_must(void **state)
{
	const uint64_t seed = 7;
	struct rng r;
	rng_init(&r, seed, 0);
	for (int run = 0; run < 200; run++) {
		struct stats_sided base[40], moved[40];
		for (size_t i = 0; i < 40; i++) {
			base[i] = (struct stats_sided){ { 20 * rng_normal(&r), 0.5 + rng_unit(&r), rng_below(&r, 25) },
				                        rng_below(&r, 2) == 0 };
			moved[39 - i] = base[i];
			moved[39 - i].answer.x = 1000 + 3 * base[i].answer.x;
		}
		struct stats_estimate a, b;
		double sa, sb, pa, pb;
		assert_int_equal(stats_diff_clustered(base, 40, &a, &sa, &pa, NULL), OK);
		assert_int_equal(stats_diff_clustered(moved, 40, &b, &sb, &pb, NULL), OK);
		assert_close(b.est, 3 * a.est, 1e-8);
		assert_close(sb, 3 * sa, 1e-8);
		assert_close(pb, pa, 1e-9);
		for (size_t i = 0; i < 40; i++) moved[i] = base[i], moved[i].in_a = !base[i].in_a;
		assert_int_equal(stats_diff_clustered(moved, 40, &b, &sb, &pb, NULL), OK);
		assert_close(b.est, -a.est, 1e-10);
		assert_close(b.lo, -a.hi, 1e-10);
	}
}

static void a_difference_within_customers_is_sharper_when_they_are_told_apart(void **state)
{
	struct rng r;
	rng_init(&r, 3, 0);
	struct stats_sided paired[80], apart[80];
	for (uint64_t c = 0; c < 40; c++) {
		const double level = 30 * rng_normal(&r);
		for (uint64_t side = 0; side < 2; side++) {
			const size_t i = 2 * c + side;
			paired[i] =
			        (struct stats_sided){ { level + (side ? 0 : 5) + rng_normal(&r), 1, c }, side == 0 };
			apart[i] = paired[i];
			apart[i].answer.cluster = i;
		}
	}
	struct stats_estimate a, b;
	double sa, sb, pa, pb;
	assert_int_equal(stats_diff_clustered(paired, 80, &a, &sa, &pa, NULL), OK);
	assert_int_equal(stats_diff_clustered(apart, 80, &b, &sb, &pb, NULL), OK);
	assert_close(a.est, b.est, 1e-9);
	assert_true(sa < sb / 5);
	assert_true(a.lo <= 5 && 5 <= a.hi && pa < 1e-6 && pb > 0.1);
}

static void summaries_give_what_welchs_test_gives(void **state)
{
	/*
	 * Two groups of 40 by hand: variances of a mean .25 and .16. Pooled, an
	 * answer varies by (.25 + .16) / 2 * 40 = 8.2, so no side counts with
	 * less than 8.2 / 40 = .205.
	 */
	const struct stats_group a = { 60, 0.5, 40, 40 }, b = { 58, 0.4, 40, 40 };
	struct stats_estimate e;
	double p;
	stats_diff_groups(&a, &b, NAN, &e, &p);
	const double se = sqrt(.25 + .205), df = .455 * .455 / (.25 * .25 / 39 + .205 * .205 / 39);
	assert_close(e.est, 2, 1e-12);
	assert_close(e.hi - e.lo, 2 * se * stats_t_quantile(0.975, df), 1e-9);
	assert_close(p, stats_t_two_sided(2 / se, df), 1e-12);
	/* Equal spread: exactly Welch's test. */
	const struct stats_group c = { 58, 0.5, 40, 40 };
	stats_diff_groups(&a, &c, NAN, &e, &p);
	assert_close(p, stats_t_two_sided(2 / sqrt(.5), 78), 1e-12);
	const struct stats_group one = { 60, NAN, 3, 1 }, flat = { 60, 0, 40, 40 };
	stats_diff_groups(&one, &b, NAN, &e, &p);
	assert_true((e.flags & STATS_NOT_IDENTIFIED) && p == 1);
	stats_diff_groups(&flat, &flat, NAN, &e, &p);
	assert_true((e.flags & STATS_NOT_IDENTIFIED) && p == 1);
}

/* Star ratings where 80 % give five stars: a group of five often has no spread. False alarms stay at or under 5 %. */
static void a_small_group_of_equal_answers_proves_nothing(void **state)
{
	struct rng r;
	rng_init(&r, 11, 0);
	int alarms = 0;
	const int runs = 4000;
	for (int run = 0; run < runs; run++) {
		struct stats_group g[2];
		for (size_t s = 0; s < 2; s++) {
			struct stats_moments m = { 0 };
			const int n = s ? 500 : 5;
			for (int i = 0; i < n; i++)
				stats_see(&m, rng_unit(&r) < 0.8 ? 100 : 25.0 * (double)rng_below(&r, 4));
			g[s] = (struct stats_group){ m.mean, sqrt(stats_var(&m) / n), n, n };
		}
		struct stats_estimate e;
		double p;
		stats_diff_groups(&g[0], &g[1], NAN, &e, &p);
		alarms += p < 0.05;
	}
	if ((double)alarms / runs > 0.055) fail_msg("%d false alarms in %d runs, seed 11", alarms, runs);
}

static void impossible_answers_are_refused(void **state)
{
	struct stats_answer a[2] = { { 1, 1, 1 }, { NAN, 1, 2 } };
	struct stats_estimate e;
	double se;
	struct err err = { 0 };
	assert_int_equal(stats_mean_clustered(a, 2, &e, &se, &err), ERR_INPUT);
	a[1] = (struct stats_answer){ 1, 0, 2 };
	assert_int_equal(stats_mean_clustered(a, 2, &e, &se, &err), ERR_INPUT);
	assert_int_equal(stats_mean_clustered(a, 0, &e, &se, &err), OK);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_interval_of_the_effort_answers),
		cmocka_unit_test(one_value_and_equal_values_have_an_estimate_and_no_interval),
		cmocka_unit_test(a_scale_bounds_the_mean_where_everybody_agrees),
		cmocka_unit_test(weights_and_repeats_make_agreement_worth_as_many_as_there_are_customers),
		cmocka_unit_test(the_interval_covers_where_agreement_is_common),
		cmocka_unit_test(a_mean_from_its_summary_is_the_mean_of_the_answers),
		cmocka_unit_test(weighted_mean_has_the_recomputed_error_and_effective_n),
		cmocka_unit_test(an_answer_repeated_by_one_customer_does_not_narrow_the_interval),
		cmocka_unit_test(shift_scale_and_order_do_what_they_must),
		cmocka_unit_test(a_difference_within_customers_is_sharper_when_they_are_told_apart),
		cmocka_unit_test(summaries_give_what_welchs_test_gives),
		cmocka_unit_test(a_small_group_of_equal_answers_proves_nothing),
		cmocka_unit_test(impossible_answers_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
