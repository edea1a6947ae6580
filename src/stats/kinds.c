/* Whether rows fall into kinds. docs/methods/personas.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1000   /* of a sample, on which k is chosen */
#define SHUFFLES 39 /* by chance, all of them stay below what is seen in 1 of 40 cases */
#define BOOTSTRAPS 20
#define STARTS 25 /* of the groups that are told */
#define STARTS_TRIED 8
#define ROOM ((size_t)256 << 20)

const char *const stats_kinds_state_names[STATS_KINDS_STATES] = { "ok", "few", "constant", "none" };

/* --- columns ----------------------------------------------------------------------------------------------- */

static int by_number(const void *va, const void *vb)
{
	const double a = *(const double *)va, b = *(const double *)vb;
	return (a > b) - (a < b);
}

static bool skewed(const double *sorted, size_t n)
{
	struct stats_moments m = { 0, 0, 0 };
	double cubes = 0;
	for (size_t i = 0; i < n; i++) stats_see(&m, sorted[i]);
	const double sd = sqrt(m.m2 / (double)n);
	if (sorted[0] < 0 || !(sd > 0)) return false;
	for (size_t i = 0; i < n; i++) cubes += pow((sorted[i] - m.mean) / sd, 3);
	return cubes / (double)n > 1;
}

static void prepare_column(double *x, size_t n, size_t p, double *sorted)
{
	struct stats_moments m = { 0, 0, 0 };
	for (size_t i = 0; i < n; i++) sorted[i] = x[i * p];
	qsort(sorted, n, sizeof *sorted, by_number);
	const bool log = skewed(sorted, n);
	const double lo = sorted_quantile(sorted, n, 0.01), hi = sorted_quantile(sorted, n, 0.99);
	for (size_t i = 0; i < n; i++) {
		const double cut = fmin(hi, fmax(lo, x[i * p]));
		x[i * p] = log ? log1p(cut) : cut;
		stats_see(&m, x[i * p]);
	}
	const double sd = sqrt(m.m2 / (double)n);
	const bool constant = !(sd > 1e-12 * (1 + fabs(m.mean)));
	for (size_t i = 0; i < n; i++) x[i * p] = constant ? 0 : (x[i * p] - m.mean) / sd;
}

enum err_code stats_kinds_prepare(double *x, size_t n, size_t p, struct arena *scratch, struct err *err)
{
	double *sorted = ARENA_ARRAY(scratch, double, n);
	if (!sorted) return err_no_memory(err);
	TRY(check_matrix((struct stats_matrix){ x, n, p }, err));
	for (size_t j = 0; n > 0 && j < p; j++) prepare_column(x + j, n, p, sorted);
	return OK;
}

/* --- choosing ------------------------------------------------------------------------------------------------ */

struct search {
	struct stats_matrix m; /* the sample */
	uint64_t seed;
	struct arena room;
	double *x; /* as large as the sample's */
};

static void sample_rows(struct stats_matrix m, uint64_t seed, double *out, size_t n)
{
	struct rng r;
	rng_init(&r, seed, 0);
	/* Each row is taken with the chance that is left for it. */
	for (size_t i = 0, k = 0; i < m.n && k < n; i++)
		if (rng_below(&r, m.n - i) < n - k) memcpy(out + k++ * m.p, m.x + i * m.p, m.p * sizeof *out);
}

/* Every column in an order of its own. */
static void shuffle(struct search *s, uint64_t stream)
{
	struct rng r;
	rng_init(&r, s->seed, stream);
	memcpy(s->x, s->m.x, s->m.n * s->m.p * sizeof *s->x);
	for (size_t j = 0; j < s->m.p; j++)
		for (size_t i = s->m.n; i > 1; i--) {
			const size_t k = (size_t)rng_below(&r, i);
			const double moved = s->x[(i - 1) * s->m.p + j];
			s->x[(i - 1) * s->m.p + j] = s->x[k * s->m.p + j];
			s->x[k * s->m.p + j] = moved;
		}
}

/* False when the shuffled columns have a silhouette at least as high as `seen`. */
static enum err_code above_chance(struct search *s, double seen, struct stats_kinds *out, bool *above, struct err *err)
{
	const struct stats_matrix m = { s->x, s->m.n, s->m.p };
	*above = true;
	for (uint64_t round = 0; round < SHUFFLES && *above; round++) {
		shuffle(s, 1000 + round);
		for (size_t k = 2; k <= STATS_KINDS_K_MAX && *above; k++) {
			struct stats_grouping g;
			arena_reset(&s->room);
			TRY(stats_means(m, k, STARTS_TRIED, s->seed + round, &s->room, &g, err));
			out->tried[k].shuffled = fmax(out->tried[k].shuffled, g.silhouette);
			*above = g.silhouette < seen;
		}
	}
	return OK;
}

/* Largest overlap of a group with any of another grouping, over the rows drawn: intersection over union. */
static double best_overlap(const double *both, const double *mine, const double *theirs, size_t k, size_t theirs_k,
                           size_t g)
{
	double best = 0;
	for (size_t h = 0; h < theirs_k; h++) {
		const double shared = both[g * k + h], all = mine[g] + theirs[h] - shared;
		if (all > 0) best = fmax(best, shared / all);
	}
	return best;
}

/* Adds each group's best overlap with the groups of one bootstrap to `sum`, and 1 to `times` of those drawn at all. */
static enum err_code one_bootstrap(struct search *s, const struct stats_grouping *g, uint64_t stream, double *sum,
                                   double *times, struct err *err)
{
	const size_t n = s->m.n, p = s->m.p, k = g->k;
	double both[STATS_GROUPS_MAX * STATS_GROUPS_MAX] = { 0 }, mine[STATS_GROUPS_MAX] = { 0 };
	double theirs[STATS_GROUPS_MAX] = { 0 };
	struct stats_grouping drawn;
	struct rng r;
	rng_init(&r, s->seed, stream);
	arena_reset(&s->room);
	size_t *row = ARENA_ARRAY(&s->room, size_t, n);
	bool *seen = ARENA_ARRAY(&s->room, bool, n);
	if (!row || !seen) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		row[i] = (size_t)rng_below(&r, n);
		memcpy(s->x + i * p, s->m.x + row[i] * p, p * sizeof *s->x);
	}
	TRY(stats_means((struct stats_matrix){ s->x, n, p }, k, STARTS_TRIED, s->seed + stream, &s->room, &drawn, err));
	for (size_t i = 0; i < n; i++) {
		if (seen[row[i]]) continue;
		seen[row[i]] = true;
		both[g->of[row[i]] * k + drawn.of[i]]++, mine[g->of[row[i]]]++, theirs[drawn.of[i]]++;
	}
	for (size_t c = 0; c < k; c++) {
		if (!(mine[c] > 0)) continue;
		sum[c] += best_overlap(both, mine, theirs, k, drawn.k, c);
		times[c]++;
	}
	return OK;
}

/* Mean overlap of each group over bootstraps, and the least of them. */
static enum err_code stability_of(struct search *s, const struct stats_grouping *g, double *each, double *least,
                                  struct err *err)
{
	double times[STATS_GROUPS_MAX] = { 0 };
	for (size_t c = 0; c < g->k; c++) each[c] = 0;
	for (uint64_t b = 0; b < BOOTSTRAPS; b++) TRY(one_bootstrap(s, g, 2000 + b, each, times, err));
	*least = 1;
	for (size_t c = 0; c < g->k; c++) {
		each[c] = times[c] > 0 ? each[c] / times[c] : 0;
		*least = fmin(*least, each[c]);
	}
	return OK;
}

/* Groups of the sample for each k, and which of them could be told. */
static enum err_code try_all(struct search *s, struct arena *a, struct stats_grouping *groups, bool *could,
                             struct stats_kinds *out, struct err *err)
{
	for (size_t k = 2; k <= STATS_KINDS_K_MAX; k++) {
		TRY(stats_means(s->m, k, STARTS, s->seed, a, &groups[k], err));
		const struct stats_grouping *g = &groups[k];
		out->tried[k].silhouette = g->silhouette;
		out->tried[k].least = (double)g->size[g->k - 1] / (double)s->m.n;
		could[k] = g->k == k && g->silhouette >= STATS_KINDS_SILHOUETTE &&
		           out->tried[k].least >= STATS_KINDS_SHARE;
	}
	return OK;
}

/* The groups of the sample to tell, if any; `each` has the stability of each. */
static enum err_code choose(struct search *s, struct arena *a, struct stats_kinds *out, double *each, struct err *err)
{
	struct stats_grouping groups[STATS_KINDS_K_MAX + 1];
	bool could[STATS_KINDS_K_MAX + 1] = { false }, above = true;
	TRY(try_all(s, a, groups, could, out, err));
	for (;;) {
		size_t best = 0;
		for (size_t k = 2; k <= STATS_KINDS_K_MAX; k++)
			if (could[k] && (!best || groups[k].silhouette > groups[best].silhouette)) best = k;
		if (!best) return OK;
		could[best] = false;
		TRY(above_chance(s, groups[best].silhouette, out, &above, err));
		if (!above) return OK; /* the others are lower still */
		TRY(stability_of(s, &groups[best], each, &out->tried[best].stability, err));
		if (out->tried[best].stability < STATS_KINDS_STABLE) continue;
		out->best = groups[best];
		out->state = STATS_KINDS_OK;
		return OK;
	}
}

static bool all_alike(struct stats_matrix m)
{
	for (size_t i = 1; i < m.n; i++)
		if (memcmp(m.x, m.x + i * m.p, m.p * sizeof *m.x) != 0) return false;
	return true;
}

/* Every row into the group of the sample whose centre is nearest. */
static enum err_code take_all(struct stats_matrix m, struct arena *a, struct stats_grouping *g, struct err *err)
{
	uint32_t *of = ARENA_ARRAY(a, uint32_t, m.n);
	if (!of) return err_no_memory(err);
	for (size_t c = 0; c < g->k; c++) g->size[c] = 0;
	g->within = 0;
	for (size_t i = 0; i < m.n; i++) {
		double least = INFINITY;
		for (uint32_t c = 0; c < g->k; c++) {
			double d = 0;
			for (size_t j = 0; j < m.p; j++) {
				const double off = m.x[i * m.p + j] - g->centre[c * m.p + j];
				d += off * off;
			}
			if (d < least) least = d, of[i] = c;
		}
		g->size[of[i]]++, g->within += least;
	}
	g->of = of;
	return OK;
}

enum err_code stats_kinds(struct stats_matrix m, uint64_t seed, struct arena *a, struct stats_kinds *out,
                          struct err *err)
{
	struct stats_kinds r = { .state = STATS_KINDS_FEW };
	struct search s = { .seed = seed };
	TRY(check_matrix(m, err));
	if (m.n >= STATS_KINDS_MIN) r.state = all_alike(m) ? STATS_KINDS_CONSTANT : STATS_KINDS_NONE;
	if (r.state == STATS_KINDS_NONE) {
		const size_t n = m.n < ROWS ? m.n : ROWS;
		double *rows = ARENA_ARRAY(a, double, n *m.p);
		s.x = ARENA_ARRAY(a, double, n *m.p);
		r.stability = ARENA_ARRAY(a, double, STATS_GROUPS_MAX);
		if (!rows || !s.x || !r.stability) return err_no_memory(err);
		sample_rows(m, seed, rows, n);
		s.m = (struct stats_matrix){ rows, n, m.p };
		arena_init(&s.room, ROOM);
		const enum err_code rc = choose(&s, a, &r, r.stability, err);
		arena_done(&s.room);
		if (rc != OK) return rc;
	}
	if (r.state == STATS_KINDS_OK) TRY(take_all(m, a, &r.best, err));
	*out = r;
	return OK;
}
