/* Groups against published figures; planted kinds are found, and none where there are none. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "tests/unit/stats/known.h"
#include "tests/unit/stats/scratch.h"
#include "tests/unit/stats/stats.h"

static const struct stats_matrix points = { &ruspini[0][0], COUNT_OF(ruspini), 2 };

static void medoids_of_ruspini_are_as_published(void **state)
{
	static const double silhouettes[] = { .5827, .6327, .7377, .7135, .5994 };
	struct stats_grouping g;
	for (size_t k = 2; k <= 6; k++) {
		assert_int_equal(stats_medoids(points, k, &scratch, &g, NULL), OK);
		assert_int_equal(g.k, k);
		assert_close(g.silhouette, silhouettes[k - 2], 5e-5);
		if (k != 4) continue;
		assert_close(g.within, 11.48637, 5e-6);
		uint8_t found[COUNT_OF(ruspini)] = { 0 };
		for (size_t c = 0; c < 4; c++) found[g.medoid[c]] = 1;
		assert_true(found[9] && found[31] && found[51] && found[69]);
		for (size_t c = 1; c < 4; c++) assert_true(g.size[c] <= g.size[c - 1]);
	}
}

static void means_of_ruspini_are_its_four_heaps(void **state)
{
	struct stats_grouping means, medoids, again;
	double agreement;
	assert_int_equal(stats_means(points, 4, 25, 1, &scratch, &means, NULL), OK);
	assert_int_equal(stats_medoids(points, 4, &scratch, &medoids, NULL), OK);
	assert_int_equal(stats_adjusted_rand(means.of, medoids.of, points.n, &scratch, &agreement, NULL), OK);
	assert_close(agreement, 1, 1e-12);
	assert_close(means.within, 12881.05, .01); /* R: kmeans(ruspini, 4, nstart = 25)$tot.withinss */
	assert_int_equal(stats_means(points, 4, 25, 1, &scratch, &again, NULL), OK);
	assert_memory_equal(means.of, again.of, points.n * sizeof *means.of);
	assert_int_equal(stats_means(points, 1, 3, 1, &scratch, &again, NULL), OK);
	assert_close(again.silhouette, 0, 0);
}

static void fifths_share_ties(void **state)
{
	uint8_t f[10];
	const double plain[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, tied[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 9 };
	assert_int_equal(stats_fifths(plain, 10, &scratch, f, NULL), OK);
	for (size_t i = 0; i < 10; i++) assert_int_equal(f[i], 5 - i / 2);
	assert_int_equal(stats_fifths(tied, 10, &scratch, f, NULL), OK);
	for (size_t i = 0; i < 9; i++) assert_int_equal(f[i], 3);
	assert_int_equal(f[9], 5);
	assert_int_equal(stats_fifths(plain, 1, &scratch, f, NULL), OK);
	assert_int_equal(f[0], 3);
	assert_int_equal(stats_fifths((double[]){ NAN }, 1, &scratch, f, NULL), ERR_INPUT);
}

static void agreement_is_as_by_hand(void **state)
{
	static const uint32_t a[] = { 0, 0, 0, 1, 1, 1 }, b[] = { 0, 0, 1, 1, 2, 2 }, renamed[] = { 1, 1, 1, 0, 0, 0 };
	double r;
	assert_int_equal(stats_adjusted_rand(a, renamed, 6, &scratch, &r, NULL), OK);
	assert_close(r, 1, 1e-12);
	assert_int_equal(stats_adjusted_rand(a, b, 6, &scratch, &r, NULL), OK);
	assert_close(r, 0.8 / 3.3, 1e-12); /* Hubert and Arabie's table: index 2, expected 1.2, most 4.5 */
}

/* Four kinds of customers in six columns, as far apart as `gap` deviations in two of them each. */
static void plant(double *x, uint32_t *kind, size_t n, double gap, uint64_t seed)
{
	struct rng r;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < n; i++) {
		kind[i] = (uint32_t)(i % 4);
		for (size_t j = 0; j < 6; j++) x[i * 6 + j] = rng_normal(&r) + ((j + kind[i]) % 4 < 2 ? gap : 0);
	}
}

static void planted_kinds_are_found(void **state)
{
	enum { N = 480 };
	static double x[N * 6];
	static uint32_t kind[N];
	struct stats_kinds k;
	double agreement;
	plant(x, kind, N, 5, 3);
	assert_int_equal(stats_kinds_prepare(x, N, 6, &scratch, NULL), OK);
	assert_int_equal(stats_kinds((struct stats_matrix){ x, N, 6 }, 1, &scratch, &k, NULL), OK);
	assert_int_equal(k.state, STATS_KINDS_OK);
	assert_int_equal(k.best.k, 4);
	assert_int_equal(stats_adjusted_rand(k.best.of, kind, N, &scratch, &agreement, NULL), OK);
	assert_in_band(agreement, .8, 1);
	for (size_t c = 0; c < 4; c++) {
		assert_in_band(k.stability[c], STATS_KINDS_STABLE, 1);
		assert_int_equal(k.best.size[c], N / 4);
	}
	assert_in_band(k.tried[4].silhouette, k.tried[4].shuffled, 1);
}

static void shuffled_columns_have_no_kinds(void **state)
{
	enum { N = 120, SEEDS = 100 };
	static double x[N * 6];
	static uint32_t kind[N];
	int none = 0;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct stats_kinds k;
		struct rng r;
		arena_reset(&scratch);
		plant(x, kind, N, 6, seed);
		rng_init(&r, seed, 9);
		for (size_t j = 0; j < 6; j++)
			for (size_t i = N; i > 1; i--) {
				const size_t t = (size_t)rng_below(&r, i);
				const double moved = x[(i - 1) * 6 + j];
				x[(i - 1) * 6 + j] = x[t * 6 + j], x[t * 6 + j] = moved;
			}
		assert_int_equal(stats_kinds_prepare(x, N, 6, &scratch, NULL), OK);
		assert_int_equal(stats_kinds((struct stats_matrix){ x, N, 6 }, seed, &scratch, &k, NULL), OK);
		none += k.state == STATS_KINDS_NONE;
	}
	print_message("no kinds in %d of %d shuffled sets\n", none, SEEDS);
	assert_in_band(none, 95, SEEDS);
}

static void rows_without_kinds_are_named(void **state)
{
	static double x[300 * 2];
	struct stats_kinds k;
	struct stats_grouping g;
	struct err err;
	const struct stats_matrix m = { x, 300, 2 }, few = { x, 20, 2 };
	assert_int_equal(stats_kinds(m, 1, &scratch, &k, &err), OK);
	assert_int_equal(k.state, STATS_KINDS_CONSTANT);
	assert_int_equal(stats_kinds(few, 1, &scratch, &k, &err), OK);
	assert_int_equal(k.state, STATS_KINDS_FEW);
	assert_int_equal(stats_means(m, 3, 5, 1, &scratch, &g, &err), OK); /* one different row, one group */
	assert_int_equal(g.k, 1);
	assert_int_equal(g.size[0], 300);
	assert_int_equal(stats_medoids(few, 3, &scratch, &g, &err), OK);
	assert_int_equal(g.k, 1);
	/* One heap without a shape; one constant column; one that is skewed. */
	struct rng r;
	rng_init(&r, 5, 0);
	for (size_t i = 0; i < 300; i++) x[2 * i] = exp(3 * rng_normal(&r)), x[2 * i + 1] = 8;
	assert_int_equal(stats_kinds_prepare(x, 300, 2, &scratch, &err), OK);
	double sum = 0;
	for (size_t i = 0; i < 300; i++) {
		sum += x[2 * i];
		assert_close(x[2 * i + 1], 0, 0);
	}
	assert_close(sum, 0, 1e-9);
	assert_int_equal(stats_kinds(m, 1, &scratch, &k, &err), OK);
	assert_int_equal(k.state, STATS_KINDS_NONE);
	x[4] = NAN;
	assert_int_equal(stats_kinds(m, 1, &scratch, &k, &err), ERR_INPUT);
	assert_int_equal(stats_kinds_prepare(x, 300, 2, &scratch, &err), ERR_INPUT);
	assert_int_equal(stats_means(few, 0, 5, 1, &scratch, &g, &err), ERR_LIMIT);
	assert_int_equal(stats_means(few, 13, 5, 1, &scratch, &g, &err), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medoids_of_ruspini_are_as_published),
		cmocka_unit_test(means_of_ruspini_are_its_four_heaps),
		cmocka_unit_test(fifths_share_ties),
		cmocka_unit_test(agreement_is_as_by_hand),
		cmocka_unit_test(planted_kinds_are_found),
		cmocka_unit_test(shuffled_columns_have_no_kinds),
		cmocka_unit_test(rows_without_kinds_are_named),
	};
	return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
