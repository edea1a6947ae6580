#include "tests/unit/stats/stats.h"

static struct arena arena;

static void effective_number_is_the_recomputed_one(void **state)
{
	static const double w[] = { 1, 1, 2, 2, .5, .5, .5, 3 }; /* methods 1 */
	assert_close(stats_n_eff(w, 8), 5.5823, 5.1e-5);
	assert_close(8 / stats_n_eff(w, 8), 1.4331, 5.1e-5);
	assert_close(stats_n_eff(w, 0), 0, 0);
}

static void strata_get_what_they_have_in_the_population(void **state)
{
	static const uint32_t stratum[] = { 0, 0, 0, 1 };
	static const double population[] = { 500, 500 }, lonely[] = { 500, 400, 100 }, gone[] = { 500, 0 };
	double w[4];
	struct err err = { 0 };
	assert_int_equal(stats_poststratify(stratum, 4, population, 2, w, NULL), OK);
	assert_close(w[0], 2.0 / 3, 1e-12);
	assert_close(w[3], 2, 1e-12);
	assert_int_equal(stats_poststratify(stratum, 4, lonely, 3, w, &err), ERR_INPUT);
	assert_string_equal(err.id, "weights.empty");
	assert_int_equal(stats_poststratify(stratum, 4, gone, 2, w, &err), ERR_INPUT);
	assert_string_equal(err.id, "weights.empty");
	assert_int_equal(stats_poststratify(stratum, 4, population, 1, w, &err), ERR_INPUT);
}

/* [[20, 30], [10, 40]] as four answers of those weights. */
static const uint32_t rows[] = { 0, 0, 1, 1 }, columns[] = { 0, 1, 0, 1 };

static void raking_gives_the_recomputed_table(void **state)
{
	static const double row_targets[] = { 60, 40 }, column_targets[] = { .45, .55 }; /* shares will do */
	static const double want[] = { 32.6377, 27.3623, 12.3623, 27.6377 };             /* methods 1 */
	const struct stats_margin m[] = { { rows, row_targets, 2 }, { columns, column_targets, 2 } };
	double w[] = { 20, 30, 10, 40 };
	struct stats_raked r;
	assert_int_equal(stats_rake(m, 2, 4, w, &r, NULL), OK);
	for (size_t i = 0; i < 4; i++) assert_close(w[i], want[i], 5.1e-5);
	assert_int_equal(r.trimmed, 0);
	assert_true(r.gap < 1e-6 && r.rounds > 1);
	assert_close(r.n_eff * r.deff, 4, 1e-9);
}

static void what_cannot_be_raked_is_refused(void **state)
{
	static const double half[] = { 50, 50 }, three[] = { 40, 40, 20 }, none[] = { 100, 0 };
	static const uint32_t same[] = { 0, 0, 1, 1 };
	struct stats_raked r;
	struct err err = { 0 };
	double w[] = { 1, 1, 1, 1 };
	const struct stats_margin empty = { rows, three, 3 }, gone = { rows, none, 2 };
	assert_int_equal(stats_rake(&empty, 1, 4, w, &r, &err), ERR_INPUT);
	assert_string_equal(err.id, "weights.empty");
	assert_int_equal(stats_rake(&gone, 1, 4, w, &r, &err), ERR_INPUT);
	assert_string_equal(err.id, "weights.empty");
	/* The same division wanted half and half, and 40 to 60. */
	static const double forty[] = { 40, 60 };
	const struct stats_margin torn[] = { { rows, half, 2 }, { same, forty, 2 } };
	assert_int_equal(stats_rake(torn, 2, 4, w, &r, &err), ERR_INPUT);
	assert_string_equal(err.id, "weights.rake");
	assert_int_equal(stats_rake(torn, 0, 4, w, &r, &err), ERR_LIMIT);
	w[0] = 0;
	assert_int_equal(stats_rake(torn, 1, 4, w, &r, &err), ERR_INPUT);
}

/* One answer for a fifth of the population among two hundred: its weight stops at five times the mean. */
static void a_weight_is_trimmed_and_the_rest_of_the_gap_is_told(void **state)
{
	uint32_t cell[200], other[200];
	double w[200];
	static const double targets[] = { 80, 20 }, even[] = { 50, 50 };
	for (size_t i = 0; i < 200; i++) cell[i] = i == 0, other[i] = i % 2, w[i] = 1;
	const struct stats_margin m[] = { { cell, targets, 2 }, { other, even, 2 } };
	struct stats_raked r;
	assert_int_equal(stats_rake(m, 2, 200, w, &r, NULL), OK);
	double sum = 0;
	for (size_t i = 0; i < 200; i++) sum += w[i];
	assert_close(w[0], 5 * sum / 200, 1e-6);
	assert_true(r.trimmed == 1 && r.gap > 0.5);
}

/* mtcars, am ~ wt + hp; R's glm gives the estimates of methods 3.4. */
static const double cars[][3] = { { 2.620, 110, 1 }, { 2.875, 110, 1 }, { 2.320, 93, 1 },  { 3.215, 110, 0 },
	                          { 3.440, 175, 0 }, { 3.460, 105, 0 }, { 3.570, 245, 0 }, { 3.190, 62, 0 },
	                          { 3.150, 95, 0 },  { 3.440, 123, 0 }, { 3.440, 123, 0 }, { 4.070, 180, 0 },
	                          { 3.730, 180, 0 }, { 3.780, 180, 0 }, { 5.250, 205, 0 }, { 5.424, 215, 0 },
	                          { 5.345, 230, 0 }, { 2.200, 66, 1 },  { 1.615, 52, 1 },  { 1.835, 65, 1 },
	                          { 2.465, 97, 0 },  { 3.520, 150, 0 }, { 3.435, 150, 0 }, { 3.840, 245, 0 },
	                          { 3.845, 175, 0 }, { 1.935, 66, 1 },  { 2.140, 91, 1 },  { 1.513, 113, 1 },
	                          { 3.170, 264, 1 }, { 2.770, 175, 1 }, { 3.570, 335, 1 }, { 2.780, 109, 1 } };

static void logistic_regression_gives_the_published_cars(void **state)
{
	double x[64];
	uint8_t y[32];
	struct stats_logistic fit;
	for (size_t i = 0; i < 32; i++) x[2 * i] = cars[i][0], x[2 * i + 1] = cars[i][1], y[i] = cars[i][2] > 0;
	const struct stats_matrix m = { x, 32, 2 };
	assert_int_equal(stats_logistic(m, y, 0, &arena, &fit, NULL), OK);
	assert_true(fit.converged);
	assert_close(fit.beta[0], 18.8662987, 1e-5);
	assert_close(fit.beta[1], -8.0834752, 1e-5);
	assert_close(fit.beta[2], .0362556, 1e-7);
	assert_close(fit.loglik, -5.029555, 5.1e-7);
	/* Standard errors of R's summary(glm): 7.44356, 3.06868, 0.01773. */
	assert_close(fit.se[0], 7.44356, 2e-3);
	assert_close(fit.se[1], 3.06868, 1e-3);
	assert_close(fit.se[2], 0.01773, 1e-5);

	/* The columns' units do not matter; a heavy ridge leaves the intercept and no slope. */
	for (size_t i = 0; i < 32; i++) x[2 * i + 1] = 1000 * x[2 * i + 1] + 7;
	struct stats_logistic scaled, flat;
	assert_int_equal(stats_logistic(m, y, 0, &arena, &scaled, NULL), OK);
	assert_close(1000 * scaled.beta[2], fit.beta[2], 1e-9);
	assert_int_equal(stats_logistic(m, y, 1e9, &arena, &flat, NULL), OK);
	assert_close(flat.beta[1], 0, 1e-6);
	assert_close(flat.beta[0], log(13.0 / 19), 1e-5);
}

static void separated_and_collinear_columns_are_said_to_be(void **state)
{
	double x[80];
	uint8_t y[40];
	struct stats_logistic fit;
	struct err err = { 0 };
	for (size_t i = 0; i < 40; i++) x[2 * i] = (double)i, x[2 * i + 1] = 2 * (double)i, y[i] = i % 3 == 0;
	const struct stats_matrix m = { x, 40, 2 };
	assert_int_equal(stats_logistic(m, y, 0, &arena, &fit, &err), ERR_INPUT);
	assert_string_equal(err.id, "regress.collinear");
	assert_int_equal(stats_logistic(m, y, 1, &arena, &fit, &err), OK); /* a ridge shares the slope out */
	assert_close(fit.beta[1], 2 * fit.beta[2], 1e-9);
	for (size_t i = 0; i < 40; i++) y[i] = i >= 20;
	assert_int_equal(stats_logistic(m, y, 1, &arena, &fit, &err), OK);
	assert_true(fit.converged && isfinite(fit.beta[1]));
	x[0] = NAN;
	assert_int_equal(stats_logistic(m, y, 1, &arena, &fit, &err), ERR_INPUT);
	const struct stats_matrix wide = { x, 0, STATS_FEATURES_MAX + 1 };
	assert_int_equal(stats_logistic(wide, y, 1, &arena, &fit, &err), ERR_LIMIT);
}

static void the_area_under_the_curve_counts_pairs(void **state)
{
	static const double score[] = { .1, .4, .35, .8 }, tied[] = { 1, 1, 1, 1 };
	static const uint8_t y[] = { 0, 0, 1, 1 }, alike[] = { 1, 1, 1, 1 };
	struct stats_estimate e;
	stats_auc(score, y, 4, &arena, &e);
	assert_close(e.est, 0.75, 1e-12);
	assert_true(e.lo < 0.75 && e.hi <= 1);
	stats_auc(tied, y, 4, &arena, &e);
	assert_close(e.est, 0.5, 1e-12);
	stats_auc(score, alike, 4, &arena, &e);
	assert_true(e.flags & STATS_NOT_IDENTIFIED);
	assert_true(e.est == 0);
}

static void ridge_of_an_exact_line_is_that_line_and_its_holdout_has_no_error(void **state)
{
	double x[400], y[200];
	struct rng r;
	struct stats_ridge fit;
	rng_init(&r, 2, 0);
	for (size_t i = 0; i < 200; i++) {
		x[2 * i] = rng_normal(&r), x[2 * i + 1] = 5 + 100 * rng_normal(&r);
		y[i] = 3 + 2 * x[2 * i] - 0.05 * x[2 * i + 1];
	}
	const struct stats_matrix m = { x, 200, 2 };
	assert_int_equal(stats_ridge(m, y, 1, &arena, &fit, NULL), OK);
	assert_close(fit.beta[0], 3, 1e-3);
	assert_close(fit.beta[1], 2, 1e-3);
	assert_close(fit.beta[2], -0.05, 1e-5);
	assert_true(fit.r2 > 0.9999 && fit.rmse < 0.01);
	const double row[] = { 1, 25 };
	double var;
	assert_close(stats_ridge_at(&fit, 2, row, &var), 3.75, 2e-3);
	assert_in_band(var, 0, 1e-4);
}

static void ridge_of_noise_says_that_it_knows_nothing(void **state)
{
	double x[1500], y[300];
	struct rng r;
	struct stats_ridge fit;
	rng_init(&r, 3, 0);
	for (size_t i = 0; i < 1500; i++) x[i] = rng_normal(&r);
	for (size_t i = 0; i < 300; i++) y[i] = rng_normal(&r);
	assert_int_equal(stats_ridge((struct stats_matrix){ x, 300, 5 }, y, 1, &arena, &fit, NULL), OK);
	assert_in_band(fit.r2, -0.05, 0.02);
	struct err err = { 0 };
	assert_int_equal(stats_ridge((struct stats_matrix){ x, 14, 5 }, y, 1, &arena, &fit, &err), ERR_INPUT);
	assert_string_equal(err.id, "regress.few");
}

/* The error of a prediction from its covariance, against how predictions scatter over samples. */
static void the_error_of_a_prediction_is_how_it_scatters(void **state)
{
	struct stats_moments at = { 0 };
	double var_sum = 0;
	const double row[] = { 1.5, -1 };
	for (int run = 0; run < 200; run++) {
		double x[600], y[300], var;
		struct rng r;
		struct stats_ridge fit;
		rng_init(&r, 77, (uint64_t)run);
		for (size_t i = 0; i < 300; i++) {
			x[2 * i] = rng_normal(&r), x[2 * i + 1] = rng_normal(&r);
			y[i] = 10 + 3 * x[2 * i] + 4 * rng_normal(&r) * (1 + 0.5 * fabs(x[2 * i + 1]));
		}
		assert_int_equal(stats_ridge((struct stats_matrix){ x, 300, 2 }, y, 1, &arena, &fit, NULL), OK);
		stats_see(&at, stats_ridge_at(&fit, 2, row, &var));
		var_sum += var;
		arena_reset(&arena);
	}
	assert_in_band(var_sum / 200 / stats_var(&at), 0.75, 1.35);
}

static int open_arena(void **state)
{
	arena_init(&arena, 256 << 20);
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
		cmocka_unit_test(effective_number_is_the_recomputed_one),
		cmocka_unit_test(strata_get_what_they_have_in_the_population),
		cmocka_unit_test(raking_gives_the_recomputed_table),
		cmocka_unit_test(what_cannot_be_raked_is_refused),
		cmocka_unit_test(a_weight_is_trimmed_and_the_rest_of_the_gap_is_told),
		cmocka_unit_test(logistic_regression_gives_the_published_cars),
		cmocka_unit_test(separated_and_collinear_columns_are_said_to_be),
		cmocka_unit_test(the_area_under_the_curve_counts_pairs),
		cmocka_unit_test(ridge_of_an_exact_line_is_that_line_and_its_holdout_has_no_error),
		cmocka_unit_test(ridge_of_noise_says_that_it_knows_nothing),
		cmocka_unit_test(the_error_of_a_prediction_is_how_it_scatters),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
