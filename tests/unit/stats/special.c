#include "tests/unit/stats/stats.h"

static void normal_quantile_is_the_inverse_of_the_cdf_and_has_published_values(void **state)
{
	assert_close(stats_normal_quantile(0.975), STATS_Z95, 1e-15);
	assert_close(stats_normal_quantile(0.9), STATS_Z80, 1e-14);
	/* Wichura 1988 gives these three to check an implementation. */
	assert_close(stats_normal_quantile(0.25), -0.6744897501960817, 1e-15);
	assert_close(stats_normal_quantile(0.001), -3.090232306167814, 1e-14);
	assert_close(stats_normal_quantile(1e-20), -9.262340089798408, 1e-13);
	for (double p = 1e-12; p < 1; p += 0.00731) {
		assert_close(stats_normal_cdf(stats_normal_quantile(p)), p, 1e-14);
		assert_close(stats_normal_quantile(1 - p), -stats_normal_quantile(p), 1e-5);
	}
	assert_true(isfinite(stats_normal_quantile(0)) && isfinite(stats_normal_quantile(1)));
	assert_true(isfinite(stats_normal_quantile(NAN)));
}

static void t_has_closed_forms_for_one_and_two_degrees_and_becomes_normal(void **state)
{
	for (double t = 0.01; t < 40; t *= 1.7) {
		assert_close(stats_t_two_sided(t, 1), 1 - 2 / M_PI * atan(t), 1e-13);
		assert_close(stats_t_two_sided(t, 2), 1 - t / sqrt(2 + t * t), 1e-13);
		assert_close(stats_t_two_sided(t, 1e7), 2 * stats_normal_cdf(-t), 1e-6);
		for (double df = 0.5; df < 1e6; df *= 7.3) {
			const double tail = stats_t_two_sided(t, df);
			if (tail > 1e-300) assert_close(stats_t_quantile(tail / 2, df), -t, 1e-9 * t);
		}
	}
	assert_close(stats_t_quantile(0.975, 9), 2.2621571628, 1e-9);
	assert_close(stats_t_quantile(0.975, 1), 12.7062047362, 1e-8);
	assert_close(stats_t_quantile(0.025, 9), -2.2621571628, 1e-9);
	assert_close(stats_t_quantile(0.5, 3), 0, 0);
}

static void gamma_beta_f_and_chi2_agree_with_closed_forms(void **state)
{
	for (double x = 0.01; x < 60; x *= 1.9) {
		assert_close(stats_gamma_p(1, x), 1 - exp(-x), 1e-14);
		assert_close(stats_gamma_p(0.5, x), erf(sqrt(x)), 1e-14);
		assert_close(stats_chi2_upper(x, 2), exp(-x / 2), 1e-14);
		assert_close(stats_chi2_upper(x, 1), 2 * stats_normal_cdf(-sqrt(x)), 1e-14);
		assert_close(stats_f_upper(x, 1, 7), stats_t_two_sided(sqrt(x), 7), 1e-13);
	}
	for (double x = 0; x <= 1; x += 0.05) {
		assert_close(stats_beta_inc(x, 1, 1), x, 1e-14);
		assert_close(stats_beta_inc(x, 3, 1), x * x * x, 1e-14);
		assert_close(stats_beta_inc(x, 2.5, 4.5) + stats_beta_inc(1 - x, 4.5, 2.5), 1, 1e-13);
		assert_close(stats_beta_inc(stats_beta_quantile(x, 2.5, 4.5), 2.5, 4.5), x, 1e-12);
	}
	assert_close(stats_gamma_p(3, -1), 0, 0);
	assert_close(stats_beta_inc(2, 3, 4), 1, 0);
}

/* Cochran and Armitage's trend over smokers, methods 1: chi-squared 8.2249, p .004132; z 2.4311, p .01505. */
static void tails_give_the_printed_p_values(void **state)
{
	assert_close(stats_chi2_upper(8.2249, 1), 0.004132, 5e-7);
	assert_close(2 * stats_normal_cdf(-2.4311), 0.01505, 5e-6);
	assert_close(2 * stats_normal_cdf(-3.2229), 0.00127, 5e-6);
}

static void binomial_cdf_is_the_sum_of_its_terms(void **state)
{
	double choose = 1, sum = 0;
	for (int k = 0; k <= 20; k++) {
		sum += choose * pow(0.3, k) * pow(0.7, 20 - k);
		assert_close(stats_binomial_cdf(k, 20, 0.3), sum, 1e-13);
		choose = choose * (20 - k) / (k + 1);
	}
	assert_close(stats_binomial_cdf(-1, 20, 0.3), 0, 0);
}

static void a_sum_keeps_what_plain_addition_loses_in_any_order(void **state)
{
	struct stats_sum s = { 0 };
	const double x[] = { 1e100, 1, -1e100, 1 };
	for (size_t i = 0; i < 4; i++) stats_add(&s, x[i]);
	assert_close(stats_total(&s), 2, 0);
	struct stats_moments m = { 0 };
	for (int i = 0; i < 1000; i++) stats_see(&m, 1e9 + (i % 2));
	assert_close(m.mean, 1e9 + 0.5, 1e-6);
	assert_close(stats_var(&m), 0.25 * 1000 / 999, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_quantile_is_the_inverse_of_the_cdf_and_has_published_values),
		cmocka_unit_test(t_has_closed_forms_for_one_and_two_degrees_and_becomes_normal),
		cmocka_unit_test(gamma_beta_f_and_chi2_agree_with_closed_forms),
		cmocka_unit_test(tails_give_the_printed_p_values),
		cmocka_unit_test(binomial_cdf_is_the_sum_of_its_terms),
		cmocka_unit_test(a_sum_keeps_what_plain_addition_loses_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
