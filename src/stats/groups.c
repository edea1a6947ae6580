/* Fifths, groups of rows, and how well groupings agree. docs/methods/personas.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LLOYD_ROUNDS_MAX 300

/* --- fifths -------------------------------------------------------------------------------------------- */

struct ranked {
	double x;
	size_t i;
};

static int by_x(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;
	return (a->x > b->x) - (a->x < b->x);
}

enum err_code stats_fifths(const double *x, size_t n, struct arena *scratch, uint8_t *out, struct err *err)
{
	struct ranked *r = ARENA_ARRAY(scratch, struct ranked, n);
	if (!r) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i])) return err_set(err, ERR_INPUT, "fifths.value", "x", "value %zu is no number", i);
		r[i] = (struct ranked){ x[i], i };
	}
	if (n) qsort(r, n, sizeof *r, by_x);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i; next < n && r[next].x == r[i].x;) next++;
		const double rank = ((double)i + 1 + (double)next) / 2; /* the mean of theirs */
		const uint8_t fifth = (uint8_t)ceil(5 * (rank - 0.5) / (double)n);
		for (size_t k = i; k < next; k++) out[r[k].i] = fifth < 1 ? 1 : fifth;
	}
	return OK;
}

/* --- agreement ------------------------------------------------------------------------------------------- */

static double pairs(double n)
{
	return n * (n - 1) / 2;
}

enum err_code stats_adjusted_rand(const uint32_t *a, const uint32_t *b, size_t n, struct arena *scratch, double *out,
                                  struct err *err)
{
	uint32_t ka = 0, kb = 0;
	for (size_t i = 0; i < n; i++) {
		if (a[i] >= ka) ka = a[i] + 1;
		if (b[i] >= kb) kb = b[i] + 1;
	}
	if (ka > UINT16_MAX || kb > UINT16_MAX || (uint64_t)ka * kb > 1u << 24)
		return err_limit(err, "rand.groups", "groups", ka > kb ? ka : kb, UINT16_MAX,
		                 "these are too many groups");
	double *both = ARENA_ARRAY(scratch, double, (size_t)ka *kb);
	double *of_a = ARENA_ARRAY(scratch, double, ka), *of_b = ARENA_ARRAY(scratch, double, kb);
	if (!both || !of_a || !of_b) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) both[a[i] * (size_t)kb + b[i]]++, of_a[a[i]]++, of_b[b[i]]++;
	double index = 0, sa = 0, sb = 0;
	for (size_t k = 0; k < (size_t)ka * kb; k++) index += pairs(both[k]);
	for (size_t k = 0; k < ka; k++) sa += pairs(of_a[k]);
	for (size_t k = 0; k < kb; k++) sb += pairs(of_b[k]);
	const double all = pairs((double)n), expected = all > 0 ? sa * sb / all : 0, most = (sa + sb) / 2;
	*out = most - expected > 0 ? (index - expected) / (most - expected) : 1;
	return OK;
}

/* --- k-means ----------------------------------------------------------------------------------------------- */

static double apart(const double *x, const double *y, size_t p)
{
	double s = 0;
	for (size_t j = 0; j < p; j++) s += (x[j] - y[j]) * (x[j] - y[j]);
	return s;
}

struct lloyd {
	struct stats_matrix m;
	size_t k;
	uint32_t *of;
	double *centre, *sum, *near; /* near: [n] squared distance to the nearest centre chosen so far */
	int64_t *size;
	double within;
};

/* Starting centres: each next one a row drawn by its squared distance to those there (Arthur and Vassilvitskii 2007).
 * Fewer than k when all rows are taken. */
static size_t seed_centres(struct lloyd *l, struct rng *r)
{
	const size_t p = l->m.p, n = l->m.n;
	size_t at = (size_t)rng_below(r, n);
	for (size_t i = 0; i < n; i++) l->near[i] = INFINITY;
	for (size_t c = 0; c < l->k; c++) {
		double all = 0;
		memcpy(l->centre + c * p, l->m.x + at * p, p * sizeof *l->centre);
		for (size_t i = 0; i < n; i++) {
			l->near[i] = fmin(l->near[i], apart(l->m.x + i * p, l->centre + c * p, p));
			all += l->near[i];
		}
		if (!(all > 0)) return c + 1;
		double left = rng_unit(r) * all;
		at = n;
		for (size_t i = 0; i < n; i++) {
			if (!(l->near[i] > 0)) continue;
			at = i;
			if ((left -= l->near[i]) <= 0) break;
		}
	}
	return l->k;
}

/* One of Lloyd's rounds: whether a row moved. */
static bool assign(struct lloyd *l, size_t k)
{
	const size_t p = l->m.p;
	bool moved = false;
	l->within = 0;
	for (size_t c = 0; c < k; c++) l->size[c] = 0;
	for (size_t c = 0; c < k * p; c++) l->sum[c] = 0;
	for (size_t i = 0; i < l->m.n; i++) {
		const double *x = l->m.x + i * p;
		uint32_t best = 0;
		double least = INFINITY;
		for (uint32_t c = 0; c < k; c++) {
			const double d = apart(x, l->centre + c * p, p);
			if (d < least) least = d, best = c;
		}
		moved = moved || l->of[i] != best;
		l->of[i] = best, l->size[best]++, l->within += least;
		for (size_t j = 0; j < p; j++) l->sum[best * p + j] += x[j];
	}
	return moved;
}

static void centre(struct lloyd *l, size_t k)
{
	for (size_t c = 0; c < k; c++)
		for (size_t j = 0; l->size[c] && j < l->m.p; j++)
			l->centre[c * l->m.p + j] = l->sum[c * l->m.p + j] / (double)l->size[c];
}

static size_t run_once(struct lloyd *l, struct rng *r)
{
	const size_t k = seed_centres(l, r);
	for (size_t i = 0; i < l->m.n; i++) l->of[i] = UINT32_MAX;
	for (int round = 0; round < LLOYD_ROUNDS_MAX && assign(l, k); round++) centre(l, k);
	return k;
}

/* Groups in the order of falling size, empty ones left out. */
static void order_groups(const struct lloyd *l, size_t k, struct stats_grouping *out)
{
	uint32_t place[STATS_GROUPS_MAX], back[STATS_GROUPS_MAX];
	size_t n = 0;
	for (uint32_t c = 0; c < k; c++)
		if (l->size[c]) {
			size_t at = n++;
			for (; at > 0 && l->size[place[at - 1]] < l->size[c]; at--) place[at] = place[at - 1];
			place[at] = c;
		}
	for (uint32_t g = 0; g < n; g++) {
		back[place[g]] = g;
		out->size[g] = l->size[place[g]];
		memcpy(out->centre + g * l->m.p, l->centre + place[g] * l->m.p, l->m.p * sizeof *out->centre);
	}
	for (size_t i = 0; i < l->m.n; i++) out->of[i] = back[l->of[i]];
	out->k = n, out->within = l->within;
}

static enum err_code check_k(struct stats_matrix m, size_t k, struct err *err)
{
	if (k < 1 || k > STATS_GROUPS_MAX || m.n < 1)
		return err_limit(err, "groups.k", "k", (int64_t)k, STATS_GROUPS_MAX, "rows fall into 1 to %d groups",
		                 STATS_GROUPS_MAX);
	return check_matrix(m, err);
}

static bool open_grouping(size_t n, size_t p, size_t k, struct arena *a, struct stats_grouping *g)
{
	*g = (struct stats_grouping){ .k = 0 };
	g->of = ARENA_ARRAY(a, uint32_t, n), g->centre = ARENA_ARRAY(a, double, k *p);
	g->size = ARENA_ARRAY(a, int64_t, k);
	return g->of && g->centre && g->size;
}

static enum err_code silhouette(struct stats_matrix m, const struct stats_grouping *g, struct arena *a, double *out,
                                struct err *err);

enum err_code stats_means(struct stats_matrix m, size_t k, size_t starts, uint64_t seed, struct arena *a,
                          struct stats_grouping *out, struct err *err)
{
	struct stats_grouping best;
	struct lloyd l = { .m = m, .k = k };
	TRY(check_k(m, k, err));
	l.of = ARENA_ARRAY(a, uint32_t, m.n), l.near = ARENA_ARRAY(a, double, m.n);
	l.centre = ARENA_ARRAY(a, double, k *m.p), l.sum = ARENA_ARRAY(a, double, k *m.p);
	l.size = ARENA_ARRAY(a, int64_t, k);
	if (!l.of || !l.near || !l.centre || !l.sum || !l.size || !open_grouping(m.n, m.p, k, a, &best))
		return err_no_memory(err);
	for (size_t s = 0; s < starts || s == 0; s++) {
		struct rng r;
		rng_init(&r, seed, s);
		const size_t made = run_once(&l, &r);
		if (s == 0 || l.within < best.within) order_groups(&l, made, &best);
	}
	TRY(silhouette(m, &best, a, &best.silhouette, err));
	*out = best;
	return OK;
}

/* --- medoids ---------------------------------------------------------------------------------------------- */

struct pam {
	const double *d; /* [n x n] */
	size_t n, k;
	size_t *medoid;
	double *first, *second; /* [n]: to the nearest medoid, and to the next */
};

static double cost_with(const struct pam *q, size_t candidate)
{
	double s = 0;
	for (size_t i = 0; i < q->n; i++) s += fmin(q->first[i], q->d[i * q->n + candidate]);
	return s;
}

static double measure(struct pam *q)
{
	double s = 0;
	for (size_t i = 0; i < q->n; i++) {
		q->first[i] = q->second[i] = INFINITY;
		for (size_t c = 0; c < q->k; c++) {
			const double d = q->d[i * q->n + q->medoid[c]];
			if (d < q->first[i]) q->second[i] = q->first[i], q->first[i] = d;
			else if (d < q->second[i]) q->second[i] = d;
		}
		s += q->first[i];
	}
	return s;
}

/* Each next medoid is the row that lowers the sum most. */
static void build(struct pam *q, size_t k)
{
	for (size_t i = 0; i < q->n; i++) q->first[i] = INFINITY;
	for (q->k = 0; q->k < k;) {
		size_t best = 0;
		double least = INFINITY;
		for (size_t c = 0; c < q->n; c++) {
			const double s = cost_with(q, c);
			if (s < least) least = s, best = c;
		}
		q->medoid[q->k++] = best;
		for (size_t i = 0; i < q->n; i++) q->first[i] = fmin(q->first[i], q->d[i * q->n + best]);
	}
}

/* The best change of one medoid for one row, when it lowers the sum. */
static bool swap_best(struct pam *q, double *now)
{
	size_t out = 0, in = q->n;
	double least = *now - 1e-12 * (1 + *now);
	for (size_t c = 0; c < q->k; c++)
		for (size_t h = 0; h < q->n; h++) {
			double s = 0;
			for (size_t i = 0; i < q->n; i++) {
				const bool mine = q->d[i * q->n + q->medoid[c]] <= q->first[i];
				s += fmin(mine ? q->second[i] : q->first[i], q->d[i * q->n + h]);
			}
			if (s < least) least = s, out = c, in = h;
		}
	if (in == q->n) return false;
	q->medoid[out] = in;
	*now = measure(q);
	return true;
}

static double *distances(struct stats_matrix m, struct arena *a)
{
	double *d = ARENA_ARRAY(a, double, m.n *m.n);
	for (size_t i = 0; d && i < m.n; i++)
		for (size_t k = 0; k < i; k++)
			d[i * m.n + k] = d[k * m.n + i] = sqrt(apart(m.x + i * m.p, m.x + k * m.p, m.p));
	return d;
}

enum err_code stats_medoids(struct stats_matrix m, size_t k, struct arena *a, struct stats_grouping *out,
                            struct err *err)
{
	struct stats_grouping g;
	struct lloyd l = { .m = m, .k = k };
	struct pam q = { .n = m.n };
	TRY(check_k(m, k, err));
	if (m.n > STATS_MEDOID_ROWS)
		return err_limit(err, "groups.rows", "rows", (int64_t)m.n, STATS_MEDOID_ROWS,
		                 "medoids are found among at most %d rows", STATS_MEDOID_ROWS);
	if (k > m.n) k = m.n;
	double *d = distances(m, a);
	q.medoid = ARENA_ARRAY(a, size_t, k), q.first = ARENA_ARRAY(a, double, m.n);
	q.second = ARENA_ARRAY(a, double, m.n);
	l.of = ARENA_ARRAY(a, uint32_t, m.n), l.size = ARENA_ARRAY(a, int64_t, k);
	l.centre = ARENA_ARRAY(a, double, k *m.p);
	if (!d || !q.medoid || !q.first || !q.second || !l.of || !l.size || !l.centre ||
	    !open_grouping(m.n, m.p, k, a, &g) || !(g.medoid = ARENA_ARRAY(a, size_t, k)))
		return err_no_memory(err);
	q.d = d;
	build(&q, k);
	double now = measure(&q);
	while (swap_best(&q, &now)) {}
	for (size_t i = 0; i < m.n; i++) {
		uint32_t best = 0;
		for (uint32_t c = 1; c < k; c++)
			if (d[i * m.n + q.medoid[c]] < d[i * m.n + q.medoid[best]]) best = c;
		l.of[i] = best, l.size[best]++;
	}
	for (size_t c = 0; c < k; c++) memcpy(l.centre + c * m.p, m.x + q.medoid[c] * m.p, m.p * sizeof *l.centre);
	order_groups(&l, k, &g);
	for (size_t c = 0; c < k; c++)
		if (l.size[c]) g.medoid[g.of[q.medoid[c]]] = q.medoid[c];
	g.within = now / (double)m.n;
	TRY(silhouette(m, &g, a, &g.silhouette, err));
	*out = g;
	return OK;
}

/* --- silhouette ------------------------------------------------------------------------------------------- */

static double width_of(double own, double other)
{
	const double most = fmax(own, other);
	return most > 0 ? (other - own) / most : 0;
}

/* Of one row, from the mean distance to each group's rows; alone in its group: 0 (Rousseeuw 1987). */
static double exact_width(struct stats_matrix m, const struct stats_grouping *g, size_t i, double *to)
{
	for (size_t c = 0; c < g->k; c++) to[c] = 0;
	for (size_t k = 0; k < m.n; k++) to[g->of[k]] += sqrt(apart(m.x + i * m.p, m.x + k * m.p, m.p));
	if (g->size[g->of[i]] < 2) return 0;
	double other = INFINITY;
	for (size_t c = 0; c < g->k; c++)
		if (c != g->of[i]) other = fmin(other, to[c] / (double)g->size[c]);
	return width_of(to[g->of[i]] / (double)(g->size[g->of[i]] - 1), other);
}

static double centre_width(struct stats_matrix m, const struct stats_grouping *g, size_t i)
{
	double own = 0, other = INFINITY;
	for (size_t c = 0; c < g->k; c++) {
		const double d = sqrt(apart(m.x + i * m.p, g->centre + c * m.p, m.p));
		if (c == g->of[i]) own = d;
		else other = fmin(other, d);
	}
	return width_of(own, other);
}

static enum err_code silhouette(struct stats_matrix m, const struct stats_grouping *g, struct arena *a, double *out,
                                struct err *err)
{
	double *to = ARENA_ARRAY(a, double, g->k);
	struct stats_sum s = { 0, 0 };
	if (!to) return err_no_memory(err);
	for (size_t i = 0; g->k > 1 && i < m.n; i++)
		stats_add(&s, m.n <= STATS_SILHOUETTE_ROWS ? exact_width(m, g, i, to) : centre_width(m, g, i));
	*out = stats_total(&s) / (double)m.n;
	return OK;
}
