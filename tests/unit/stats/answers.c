#include "tests/unit/stats/stats.h"

static struct arena arena;

static void every_interval_of_eight_of_ten_is_the_printed_one(void **state)
{
	static const struct {
		enum stats_how how;
		double lo, hi;
	} t[] = { /* methods 1 */
		  { STATS_BY_SCORE, .4902, .9433 },
		  { STATS_BY_ADJWALD, .4794, .9541 },
		  { STATS_BY_EXACT, .4439, .9748 },
		  { STATS_BY_BAYES, .4972, .9559 }
	};
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct stats_estimate e;
		assert_int_equal(stats_share((struct stats_count){ 8, 10 }, t[i].how, 0.95, &e, NULL), OK);
		assert_close(e.est, 0.8, 1e-12);
		assert_close(e.lo, t[i].lo, 5.1e-5);
		assert_close(e.hi, t[i].hi, 5.1e-5);
	}
}

static void shares_at_their_ends_and_of_nobody(void **state)
{
	for (enum stats_how how = STATS_BY_SCORE; how <= STATS_BY_EXACT; how++) {
		struct stats_estimate none, all, nobody;
		if (how == STATS_BY_WALD) continue;
		assert_int_equal(stats_share((struct stats_count){ 0, 20 }, how, 0.95, &none, NULL), OK);
		assert_int_equal(stats_share((struct stats_count){ 20, 20 }, how, 0.95, &all, NULL), OK);
		assert_int_equal(stats_share((struct stats_count){ 0, 0 }, how, 0.95, &nobody, NULL), OK);
		assert_close(none.lo, 0, 1e-12);
		assert_close(all.hi, 1, 1e-12);
		assert_close(all.lo, 1 - none.hi, 1e-9);
		assert_true(none.hi > 0.1 && none.hi < 0.2);
		assert_true(nobody.flags & STATS_NOT_IDENTIFIED);
		assert_true(nobody.hi == 0);
	}
	struct stats_estimate e;
	struct err err = { 0 };
	assert_int_equal(stats_share((struct stats_count){ 1, 20 }, STATS_BY_WALD, 0.95, &e, &err), ERR_INPUT);
	assert_string_equal(err.id, "stats.how");
	assert_int_equal(stats_share((struct stats_count){ 21, 20 }, STATS_BY_SCORE, 0.95, &e, &err), ERR_INPUT);
}

static void the_mean_of_effort_is_students_and_a_wider_level_is_wider(void **state)
{
	static const double x[] = { 5, 6, 7, 4, 6, 7, 3, 5, 6, 7 }; /* methods 1 */
	struct stats_estimate e, wide;
	assert_int_equal(stats_mean_of(x, 10, STATS_BY_DEFAULT, 0.95, 1, &arena, &e, NULL), OK);
	assert_close(e.est, 5.6, 1e-12);
	assert_close(e.lo, 4.6343, 5.1e-5);
	assert_close(e.hi, 6.5657, 5.1e-5);
	assert_int_equal(e.method, STATS_MEAN_T);
	assert_int_equal(stats_mean_of(x, 10, STATS_BY_T, 0.99, 1, &arena, &wide, NULL), OK);
	assert_close(wide.hi - 5.6, 3.249836 * 1.349897 / sqrt(10), 1e-5); /* t of 9, 99.5 % */
	assert_close(stats_skewness(x, 10), -1.368 / pow(1.64, 1.5), 1e-12);
}

/* The mean of many like answers: the bootstrap comes to the normal interval; skewed ones shift it to their tail. */
static void the_bootstrap_agrees_where_it_must_and_leans_to_the_tail(void **state)
{
	double even[1000], skewed[40];
	for (size_t i = 0; i < 1000; i++) even[i] = (double)(i % 7 + 1);
	for (size_t i = 0; i < 40; i++) skewed[i] = i < 34 ? 7 : i < 37 ? 5 : 1;
	struct stats_estimate b, t;
	assert_int_equal(stats_mean_of(even, 1000, STATS_BY_BCA, 0.95, 1, &arena, &b, NULL), OK);
	assert_int_equal(stats_mean_of(even, 1000, STATS_BY_T, 0.95, 1, &arena, &t, NULL), OK);
	assert_close(b.lo, t.lo, 0.02);
	assert_close(b.hi, t.hi, 0.02);
	assert_int_equal(stats_mean_of(skewed, 40, STATS_BY_DEFAULT, 0.95, 1, &arena, &b, NULL), OK);
	assert_int_equal(b.method, STATS_MEAN_BCA);
	assert_int_equal(stats_mean_of(skewed, 40, STATS_BY_T, 0.95, 1, &arena, &t, NULL), OK);
	assert_true(t.hi > 6.85 && b.hi < t.hi && b.lo < t.lo);
	assert_true(b.est - b.lo > b.hi - b.est);
}

/* Which interval is the default below 15 answers, and for skewed ones: docs/methods/means.md holds these figures. */
static void the_default_covers_where_the_other_does_not(void **state)
{
	static const double even[7] = { .02, .03, .08, .15, .27, .27, .18 },
	                    skewed[7] = { .08, .02, .02, .02, .02, .04, .80 };
	static const struct {
		const double *share;
		size_t n;
		double t_low, t_high, bca_low, bca_high;
	} c[] = { { even, 10, .93, .97, .88, .935 }, { skewed, 40, .90, .935, .935, .97 } };
	for (size_t k = 0; k < COUNT_OF(c); k++) {
		struct rng r;
		double truth = 0, hit_t = 0, hit_b = 0;
		const int runs = 600;
		rng_init(&r, 5, k);
		for (int v = 0; v < 7; v++) truth += (v + 1) * c[k].share[v];
		for (int run = 0; run < runs; run++) {
			double x[40];
			for (size_t i = 0; i < c[k].n; i++) {
				double u = rng_unit(&r);
				int v = 0;
				while (v < 6 && u >= c[k].share[v]) u -= c[k].share[v++];
				x[i] = v + 1;
			}
			struct stats_estimate t, b;
			assert_int_equal(stats_mean_of(x, c[k].n, STATS_BY_T, .95, 1, &arena, &t, NULL), OK);
			assert_int_equal(stats_mean_of(x, c[k].n, STATS_BY_BCA, .95, (uint64_t)run, &arena, &b, NULL),
			                 OK);
			hit_t += t.lo <= truth && truth <= t.hi;
			hit_b += b.lo <= truth && truth <= b.hi;
			arena_reset(&arena);
		}
		assert_in_band(hit_t / runs, c[k].t_low, c[k].t_high);
		assert_in_band(hit_b / runs, c[k].bca_low, c[k].bca_high);
	}
}

static void no_answer_one_and_equal_ones_have_no_interval(void **state)
{
	static const double x[] = { 3, 3, 3 };
	for (size_t n = 0; n <= 3; n++)
		for (int how = 0; how < 2; how++) {
			struct stats_estimate e;
			assert_int_equal(
			        stats_mean_of(x, n, how ? STATS_BY_BCA : STATS_BY_T, 0.95, 1, &arena, &e, NULL), OK);
			assert_true(e.flags & (n ? STATS_NO_SPREAD : STATS_NOT_IDENTIFIED));
			assert_true(e.est == (n ? 3 : 0));
		}
	const double bad[] = { 1, NAN };
	struct stats_estimate e;
	assert_int_equal(stats_mean_of(bad, 2, STATS_BY_T, 0.95, 1, &arena, &e, NULL), ERR_INPUT);
}

static void people_asked_twice_are_compared_with_themselves(void **state)
{
	/* Student's sleep data, R's t.test(paired = TRUE): 1.58, 0.7001142 to 2.4598858, p = 0.002833. */
	static const double one[] = { .7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2 },
	                    two[] = { 1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4 };
	struct stats_estimate e;
	double p;
	assert_int_equal(stats_paired(one, two, 10, &e, &p, NULL), OK);
	assert_close(e.est, 1.58, 1e-12);
	assert_close(e.lo, 0.7001142, 1e-6);
	assert_close(e.hi, 2.4598858, 1e-6);
	assert_close(p, 0.002833, 5e-7);
	assert_int_equal(stats_paired(one, one, 10, &e, &p, NULL), OK);
	assert_true(e.flags & STATS_NO_SPREAD);
	assert_close(e.est, 0, 0);
	assert_close(p, 1, 0);
}

static void random_divisions_give_the_exact_p_nearly(void **state)
{
	/* 1, 2, 3 against 4, 5, 6, 7: 35 divisions, of which two are as far apart. */
	static const double a[] = { 1, 2, 3 }, b[] = { 4, 5, 6, 7 };
	double p;
	assert_int_equal(stats_permutation(a, 3, b, 4, 20000, 3, &arena, &p, NULL), OK);
	assert_close(p, 2.0 / 35, 0.005);
	assert_int_equal(stats_permutation(a, 3, a, 3, 500, 3, &arena, &p, NULL), OK);
	assert_close(p, 1, 0);
	assert_int_equal(stats_permutation(a, 3, b, 0, 500, 3, &arena, &p, NULL), OK);
	assert_close(p, 1, 0);
}

static void a_group_of_answers_differs_from_the_rest(void **state)
{
	struct stats_answer x[300];
	uint32_t group[300];
	struct stats_rest rest[4];
	struct rng r;
	rng_init(&r, 9, 0);
	for (size_t i = 0; i < 300; i++) {
		group[i] = (uint32_t)(i % 3);
		x[i] = (struct stats_answer){ 50 + 10 * rng_normal(&r) + (group[i] == 1 ? 12 : 0), 1, i };
	}
	assert_int_equal(stats_mean_rest(x, group, 300, 4, &arena, rest, NULL), OK);
	assert_true(rest[1].differs && rest[1].diff.est > 8);
	assert_close(rest[1].diff.est, 12, 4);
	assert_true(rest[3].diff.flags & STATS_NOT_IDENTIFIED); /* nobody is in it */
	assert_false(rest[3].differs);
	group[0] = 4;
	assert_int_equal(stats_mean_rest(x, group, 300, 4, &arena, rest, NULL), ERR_INPUT);
}

static enum err_code score(enum stats_score_kind kind, bool reversed, const double *x, size_t n,
                           struct stats_score *out, struct err *err)
{
	struct stats_score_rule rule = { .kind = kind, .reversed = reversed };
	assert_int_equal(stats_score_rule(&rule, NULL), OK);
	return stats_score_of(&rule, x, n, &arena, out, err);
}

static void a_question_has_its_score_its_counts_and_its_values(void **state)
{
	static const double nps[] = { 10, 9, 9, 8, 7, 6, 0, 10 }, csat[] = { 5, 4, 4, 3, 1, 5 },
	                    ces[] = { 7, 6, 5, 4, 1.5, 7 };
	struct stats_score s;
	assert_int_equal(score(STATS_SCORE_NPS, false, nps, 8, &s, NULL), OK);
	assert_close(s.main.est, 25, 1e-9);
	assert_int_equal(s.nps.promoters, 4);
	assert_int_equal(s.nps.passives, 2);
	assert_int_equal(s.nps.detractors, 2);
	assert_int_equal(s.values[10], 2);
	assert_close(s.other.est, 59.0 / 8, 1e-12);
	assert_int_equal(score(STATS_SCORE_CSAT, false, csat, 6, &s, NULL), OK);
	assert_close(s.main.est, 4.0 / 6, 1e-12);
	assert_int_equal(s.good, 4);
	assert_int_equal(s.values[0], 1); /* of the answer 1 */
	assert_int_equal(score(STATS_SCORE_CES, false, ces, 6, &s, NULL), OK);
	assert_close(s.main.est, 30.5 / 6, 1e-12);
	assert_int_equal(s.good_n, 4);
	assert_close(s.other.est, 4.0 / 6, 1e-12);
	struct stats_score turned;
	assert_int_equal(score(STATS_SCORE_CES, true, ces, 6, &turned, NULL), OK);
	assert_close(turned.main.est, 8 - s.main.est, 1e-12);
	assert_int_equal(turned.good_n, 1);    /* 1.5 alone: 8 - 1.5 is 5 or more; 8 - 4 is not */
	assert_int_equal(turned.values[6], 2); /* answers as they were given */
}

static void few_answers_are_suppressed_and_none_are_no_number(void **state)
{
	static const double x[] = { 10, 10, 9, 9 };
	struct stats_score s;
	assert_int_equal(score(STATS_SCORE_NPS, false, x, 4, &s, NULL), OK);
	assert_true(s.main.flags & STATS_SUPPRESSED);
	assert_true(s.main.est == 0 && s.main.n == 4);
	assert_int_equal(score(STATS_SCORE_CSAT, false, x, 0, &s, NULL), OK);
	assert_true(s.main.flags & STATS_NOT_IDENTIFIED);
}

static void what_is_not_on_the_scale_is_named(void **state)
{
	static const double eleven[] = { 10, 11 }, half[] = { 4.5 }, low[] = { -1 };
	struct stats_score s;
	struct err err = { 0 };
	assert_int_equal(score(STATS_SCORE_NPS, false, eleven, 2, &s, &err), ERR_INPUT);
	assert_string_equal(err.id, "score.range");
	assert_string_equal(err.text, "score 11 is not on 0 to 10");
	assert_int_equal(score(STATS_SCORE_NPS, false, low, 1, &s, &err), ERR_INPUT);
	assert_int_equal(score(STATS_SCORE_CSAT, false, half, 1, &s, &err), ERR_INPUT);
	assert_string_equal(err.id, "score.whole");
	assert_int_equal(score(STATS_SCORE_CES, false, half, 1, &s, &err), OK);
	struct stats_score_rule wrong[] = { { .kind = STATS_SCORE_NPS, .min = 1, .max = 5 },
		                            { .kind = STATS_SCORE_CSAT, .min = 5, .max = 1 },
		                            { .kind = STATS_SCORE_CSAT, .min = 1, .max = 500 },
		                            { .kind = STATS_SCORE_CSAT, .good = 9 },
		                            { .kind = STATS_SCORE_CES, .level = 2 } };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) assert_int_equal(stats_score_rule(&wrong[i], &err), ERR_INPUT);
}

static int open_arena(void **state)
{
	arena_init(&arena, 64 << 20);
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
		cmocka_unit_test(every_interval_of_eight_of_ten_is_the_printed_one),
		cmocka_unit_test(shares_at_their_ends_and_of_nobody),
		cmocka_unit_test(the_mean_of_effort_is_students_and_a_wider_level_is_wider),
		cmocka_unit_test(the_bootstrap_agrees_where_it_must_and_leans_to_the_tail),
		cmocka_unit_test(the_default_covers_where_the_other_does_not),
		cmocka_unit_test(no_answer_one_and_equal_ones_have_no_interval),
		cmocka_unit_test(people_asked_twice_are_compared_with_themselves),
		cmocka_unit_test(random_divisions_give_the_exact_p_nearly),
		cmocka_unit_test(a_group_of_answers_differs_from_the_rest),
		cmocka_unit_test(a_question_has_its_score_its_counts_and_its_values),
		cmocka_unit_test(few_answers_are_suppressed_and_none_are_no_number),
		cmocka_unit_test(what_is_not_on_the_scale_is_named),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
