#include "tests/unit/stats/stats.h"

static void shrinking_with_a_known_prior_gives_the_worked_numbers(void **state)
{
	static const double n[] = { 3, 40, 200 }, x[] = { 90, 72, 65 }; /* methods 2.4 */
	static const double mean[] = { 72.6772, 71.1304, 65.1579 }, sd[] = { 5.3241, 2.7975, 1.3765 };
	const struct stats_prior prior = { .mean = 68, .tau2 = 36, .fixed = true };
	for (int i = 0; i < 3; i++) {
		struct stats_estimate e;
		stats_shrink(x[i], 400 / n[i], &prior, &e);
		assert_close(e.est, mean[i], 5.1e-5);
		assert_close((e.hi - e.lo) / (2 * STATS_Z95), sd[i], 5.1e-5);
		assert_close((e.hi80 - e.lo80) / (2 * STATS_Z80), sd[i], 5.1e-5);
	}
}

static void paule_and_mandel_find_the_recomputed_spread(void **state)
{
	static const double x[] = { 62, 71, 55, 80, 48, 66 }, v[] = { 9, 16, 4, 25, 6.25, 12 }; /* methods 2.4 */
	static const double mean[] = { 62.0832, 70.0461, 55.2726, 77.0049, 48.7771, 65.7323 };
	static const double sd[] = { 2.9087, 3.7906, 1.9723, 4.6072, 2.4465, 3.3255 };
	struct stats_prior prior;
	stats_prior(x, v, 6, 0, &prior);
	assert_close(prior.tau2, 115.62355, 5e-5);
	assert_close(prior.mean, 63.152698, 5e-6);
	for (int i = 0; i < 6; i++) {
		struct stats_estimate e;
		stats_shrink(x[i], v[i], &prior, &e);
		assert_close(e.est, mean[i], 5.1e-5);
		assert_close((e.hi - e.lo) / (2 * STATS_Z95), sd[i], 5.1e-5);
	}
	/* Q(0), printed as 54.9926 */
	double sw = 0, sx = 0, q = 0;
	for (int i = 0; i < 6; i++) sw += 1 / v[i], sx += x[i] / v[i];
	for (int i = 0; i < 6; i++) q += (x[i] - sx / sw) * (x[i] - sx / sw) / v[i];
	assert_close(q, 54.9926, 5.1e-5);
}

static void few_touchpoints_borrow_a_fixed_prior_and_equal_ones_pool(void **state)
{
	static const double x[] = { 62, 71, 55 }, same[] = { 60, 60.1, 59.9, 60 }, v[] = { 9, 16, 4, 25 };
	struct stats_prior prior;
	stats_prior(x, v, 3, 58, &prior);
	assert_true(prior.fixed);
	assert_close(prior.mean, 58, 0);
	assert_close(prior.tau2, 225, 0);
	stats_prior(same, v, 4, 58, &prior);
	assert_false(prior.fixed);
	assert_close(prior.tau2, 0, 0);
	struct stats_estimate e;
	stats_shrink(90, 9, &prior, &e);
	assert_close(e.est, prior.mean, 1e-12);
}

static void shifting_and_permuting_scores_moves_the_prior_the_same_way(void **state)
{
	static const double x[] = { 62, 71, 55, 80, 48, 66 }, v[] = { 9, 16, 4, 25, 6.25, 12 };
	double y[6], w[6];
	struct stats_prior a, b;
	stats_prior(x, v, 6, 0, &a);
	for (int i = 0; i < 6; i++) y[(i + 2) % 6] = x[i] + 11, w[(i + 2) % 6] = v[i];
	stats_prior(y, w, 6, 0, &b);
	assert_close(b.mean, a.mean + 11, 1e-9);
	assert_close(b.tau2, a.tau2, 1e-6);
	for (int i = 0; i < 6; i++) y[i] = 2 * x[i], w[i] = 4 * v[i];
	stats_prior(y, w, 6, 0, &b);
	assert_close(b.tau2, 4 * a.tau2, 1e-6);
}

static void ratings_outweigh_behaviour_and_bias_never_averages_out(void **state)
{
	const struct stats_signal s[] = {
		{ .mean = 80, .var = 400, .customers = 400, .n = 500 },
		{ .mean = 30, .var = 400, .customers = 1000000, .n = 1000000, .bias_sd = 10 },
		{ .mean = 0 },
	};
	double shares[3];
	struct stats_combined c;
	stats_combine(s, 3, shares, &c);
	/* weights 1 and 1/100.0004 */
	const double w = 1 / 100.0004;
	assert_close(c.x, (80 + 30 * w) / (1 + w), 1e-9);
	assert_close(c.v, 1 / (1 + w), 1e-9);
	assert_close(shares[0] + shares[1] + shares[2], 1, 1e-12);
	assert_close(shares[2], 0, 0);
	assert_int_equal(c.n, 1000500);
	stats_combine(&s[1], 1, NULL, &c);
	assert_true(c.v >= 100);
	stats_combine(&s[2], 1, NULL, &c);
	assert_false(c.any);
}

static void four_customers_borrow_the_spread_of_their_signal(void **state)
{
	const struct stats_signal s = { .mean = 100, .var = 0, .customers = 4, .n = 4, .pooled_sd = 20 };
	struct stats_combined c;
	stats_combine(&s, 1, NULL, &c);
	assert_close(c.v, 100, 1e-9);
}

static void customers_who_all_agree_borrow_the_spread_of_the_others_or_of_the_scale(void **state)
{
	struct stats_signal s = { .mean = 100, .var = 0, .customers = 20, .n = 20, .pooled_sd = 20 };
	struct stats_combined c;
	stats_combine(&s, 1, NULL, &c);
	assert_close(c.v, 20, 1e-9);
	s.pooled_sd = 0;
	stats_combine(&s, 1, NULL, &c);
	assert_close(sqrt(c.v), 8.593702, 1e-5); /* 100 * 0.168433 / 1.959964 */
	s.mean = 25;
	stats_combine(&s, 1, NULL, &c);
	assert_close(sqrt(c.v), 6.445277, 1e-5); /* the further end is 75 away */
}

static void fewer_than_five_answers_keep_no_number(void **state)
{
	struct stats_estimate e = { .est = 60, .lo = 50, .hi = 70, .n = 4 };
	stats_mark(&e);
	assert_true((e.flags & STATS_SUPPRESSED) && (e.flags & STATS_SMALL_N));
	assert_close(e.est, 0, 0);
	e = (struct stats_estimate){ .est = 60, .n = 5 };
	stats_mark(&e);
	assert_int_equal(e.flags, STATS_SMALL_N);
	assert_close(e.est, 60, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shrinking_with_a_known_prior_gives_the_worked_numbers),
		cmocka_unit_test(paule_and_mandel_find_the_recomputed_spread),
		cmocka_unit_test(few_touchpoints_borrow_a_fixed_prior_and_equal_ones_pool),
		cmocka_unit_test(shifting_and_permuting_scores_moves_the_prior_the_same_way),
		cmocka_unit_test(ratings_outweigh_behaviour_and_bias_never_averages_out),
		cmocka_unit_test(four_customers_borrow_the_spread_of_their_signal),
		cmocka_unit_test(customers_who_all_agree_borrow_the_spread_of_the_others_or_of_the_scale),
		cmocka_unit_test(fewer_than_five_answers_keep_no_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
