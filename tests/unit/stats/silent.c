#include "tests/unit/stats/stats.h"

#define CUSTOMERS 2000
#define FEATURES 8

static struct arena arena;
static double x[CUSTOMERS * FEATURES], score[CUSTOMERS];
static uint8_t answered[CUSTOMERS];
static const struct stats_matrix m = { x, CUSTOMERS, FEATURES };
static const struct interval scale = { 0, 100 };

/* How much behaviour moves the score, and how much it moves answering. */
struct world {
	double on_score, on_answer, noise;
};

/*
 * Customers with what a log knows of them: broken promises, waits, failures,
 * contacts on three channels, months since the last visit, orders. Each has
 * the score that they would give; the true mean is returned.
 */
static double make_world(uint64_t seed, struct world w)
{
	struct rng r;
	double sum = 0;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < CUSTOMERS; i++) {
		double *f = &x[i * FEATURES];
		f[0] = (double)(rng_unit(&r) < 0.35) + (double)(rng_unit(&r) < 0.15);
		f[1] = exp(rng_normal(&r));
		f[2] = (double)(rng_unit(&r) < 0.2);
		for (size_t j = 3; j < 6; j++) f[j] = (double)rng_below(&r, 4);
		f[6] = 12 * rng_unit(&r);
		f[7] = (double)rng_below(&r, 10);
		const double bad = 14 * f[0] + 6 * log1p(f[1]) + 12 * f[2] + 0.5 * f[6] - f[7];
		const double own = 75 - w.on_score * bad + w.noise * rng_normal(&r);
		score[i] = fmin(100, fmax(0, own));
		sum += score[i];
		const double eta = -0.2 - w.on_answer * (bad - 15) / 10;
		answered[i] = rng_unit(&r) < 1 / (1 + exp(-eta));
	}
	return sum / CUSTOMERS;
}

static void look(uint64_t seed, struct stats_silent *s)
{
	arena_reset(&arena);
	assert_int_equal(stats_silent(m, answered, score, scale, seed, &arena, s, NULL), OK);
}

static void it_is_closer_to_the_truth_than_the_raw_mean_in_95_of_100(void **state)
{
	int closer = 0, inside = 0, named = 0;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct stats_silent s;
		const double truth = make_world(seed, (struct world){ 1, 0.5, 15 });
		look(seed, &s);
		named += !(s.everybody.flags & STATS_NOT_IDENTIFIED);
		closer += fabs(s.everybody.est - truth) < fabs(s.raw.est - truth);
		inside += s.everybody.lo <= truth && truth <= s.everybody.hi;
		assert_true(s.r2 > 0.2 && s.rmse > 13 && s.rmse < 18);
		assert_int_equal(s.answered + s.silent, CUSTOMERS);
	}
	assert_int_equal(named, 100);
	assert_in_band(closer, 95, 100);
	assert_in_band(inside, 90, 99);
}

static void who_answers_by_chance_changes_nothing_much(void **state)
{
	int inside = 0;
	struct stats_moments shift = { 0 };
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct stats_silent s;
		const double truth = make_world(seed, (struct world){ 1, 0, 15 });
		look(seed, &s);
		stats_see(&shift, s.everybody.est - s.raw.est);
		inside += s.everybody.lo <= truth && truth <= s.everybody.hi;
		assert_in_band(s.response.auc.est, 0.42, 0.56); /* behaviour does not tell who answers */
	}
	assert_close(shift.mean, 0, 0.25);
	assert_in_band(inside, 34, 40);
}

static void behaviour_that_says_nothing_about_the_score_gives_no_number(void **state)
{
	int refused = 0;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct stats_silent s;
		make_world(seed, (struct world){ 0, 0.5, 15 });
		look(seed, &s);
		refused += (s.everybody.flags & STATS_NOT_IDENTIFIED) != 0;
		if (s.everybody.flags & STATS_NOT_IDENTIFIED)
			assert_true(s.everybody.est == 0 && s.predicted.hi == 0 && s.raw.est > 0);
		assert_true(s.r2 < STATS_SILENT_R2);
	}
	assert_int_equal(refused, 20);
}

static void few_answers_give_no_number(void **state)
{
	struct stats_silent s;
	make_world(1, (struct world){ 1, 0.5, 15 });
	size_t kept = 0;
	for (size_t i = 0; i < CUSTOMERS; i++) {
		if (kept == STATS_SILENT_MIN - 1) answered[i] = 0;
		kept += answered[i];
	}
	look(1, &s);
	assert_int_equal(s.answered, STATS_SILENT_MIN - 1);
	assert_true(s.everybody.flags & STATS_NOT_IDENTIFIED);
	for (size_t i = 0; i < CUSTOMERS; i++) answered[i] = 0;
	look(1, &s);
	assert_true(s.raw.flags & STATS_NOT_IDENTIFIED);
	assert_false(s.response.identified);
}

static void silent_people_unlike_all_who_answered_are_flagged(void **state)
{
	struct stats_silent s, before;
	make_world(3, (struct world){ 1, 0.5, 15 });
	look(3, &before);
	for (size_t i = 0; i < CUSTOMERS; i++)
		if (!answered[i] && i % 3 == 0) x[i * FEATURES + 7] = 5000;
	look(3, &s);
	/* No slope is followed to where nobody answered. */
	assert_true(fabs(s.everybody.est - before.everybody.est) < 3);
	assert_true(s.outside > 0.2);
	assert_true(s.everybody.flags & STATS_EXTRAPOLATED);
}

static void an_answer_off_the_scale_is_an_error_and_the_silent_are_not_read(void **state)
{
	struct stats_silent s;
	struct err err = { 0 };
	make_world(4, (struct world){ 1, 0.5, 15 });
	for (size_t i = 0; i < CUSTOMERS; i++)
		if (!answered[i]) score[i] = NAN;
	assert_int_equal(stats_silent(m, answered, score, scale, 1, &arena, &s, &err), OK);
	for (size_t i = 0; i < CUSTOMERS; i++)
		if (answered[i]) score[i] = 101;
	assert_int_equal(stats_silent(m, answered, score, scale, 1, &arena, &s, &err), ERR_INPUT);
}

/* The chance of answering is planted: weights bring the mean of a known column back to that of everybody. */
static void response_weights_bring_back_who_was_asked(void **state)
{
	static double w[CUSTOMERS];
	struct stats_propensity p;
	make_world(5, (struct world){ 1, 0.5, 15 });
	assert_int_equal(stats_response_weights(m, answered, 1, &arena, w, &p, NULL), OK);
	assert_true(p.identified && p.auc.est > 0.6 && p.auc.lo > 0.55 && p.deff > 1);
	double all = 0, plain = 0, weighted = 0, total = 0, n = 0;
	for (size_t i = 0; i < CUSTOMERS; i++) {
		all += x[i * FEATURES] / CUSTOMERS;
		if (!answered[i]) {
			assert_true(w[i] == 0);
			continue;
		}
		plain += x[i * FEATURES], n++;
		weighted += w[i] * x[i * FEATURES], total += w[i];
	}
	assert_close(total, n, 1e-6 * n);
	assert_true(fabs(plain / n - all) > 0.08);
	assert_true(fabs(weighted / total - all) < 0.02);
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		assert_int_equal(p.bins[b].n, CUSTOMERS / STATS_CALIBRATION_BINS);
		assert_close(p.bins[b].observed, p.bins[b].predicted, 0.12);
	}
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
		cmocka_unit_test(it_is_closer_to_the_truth_than_the_raw_mean_in_95_of_100),
		cmocka_unit_test(who_answers_by_chance_changes_nothing_much),
		cmocka_unit_test(behaviour_that_says_nothing_about_the_score_gives_no_number),
		cmocka_unit_test(few_answers_give_no_number),
		cmocka_unit_test(silent_people_unlike_all_who_answered_are_flagged),
		cmocka_unit_test(an_answer_off_the_scale_is_an_error_and_the_silent_are_not_read),
		cmocka_unit_test(response_weights_bring_back_who_was_asked),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
