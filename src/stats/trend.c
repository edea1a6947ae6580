/* Trends of shares and of figures. docs/methods/trend.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

enum err_code stats_trend_shares(const struct stats_count *c, const double *t, size_t n, struct stats_share_trend *out,
                                 struct err *err)
{
	double all = 0, hits = 0, nt = 0, ntt = 0;
	*out = (struct stats_share_trend){ 0, 1, 0 };
	for (size_t i = 0; i < n; i++) {
		const double m = (double)c[i].n;
		if (c[i].n < 0 || c[i].hits < 0 || c[i].hits > c[i].n || !isfinite(t[i]))
			return err_set(err, ERR_INPUT, "wilson.counts", "hits",
			               "%lld hits out of %lld at %g cannot be a proportion", (long long)c[i].hits,
			               (long long)c[i].n, t[i]);
		all += m, hits += (double)c[i].hits;
		nt += m * t[i], ntt += m * t[i] * t[i];
	}
	if (!(all > 0)) return OK;
	const double p = hits / all, spread = ntt - nt * nt / all, var = p * (1 - p) * spread;
	double sum = 0;
	for (size_t i = 0; i < n; i++) sum += t[i] * ((double)c[i].hits - (double)c[i].n * p);
	if (!(var > 0) || !(spread > 1e-12 * ntt)) return OK;
	out->chi2 = sum * sum / var;
	out->p = stats_chi2_upper(out->chi2, 1);
	out->sign = (sum > 0) - (sum < 0);
	return OK;
}

enum err_code stats_trend_line(const struct stats_point *points, size_t n, struct stats_estimate *slope, double *p,
                               struct err *err)
{
	struct stats_sum w = { 0, 0 }, wt = { 0, 0 }, wy = { 0, 0 }, tt = { 0, 0 }, ty = { 0, 0 };
	double largest = 0;
	*p = 1;
	*slope = (struct stats_estimate){ .level = 0.95, .n = (int64_t)n, .n_eff = (double)n, .method = STATS_WLS };
	for (size_t i = 0; i < n; i++) {
		const struct stats_point *x = &points[i];
		if (!isfinite(x->t) || !isfinite(x->y) || !(x->v > 0) || !isfinite(x->v))
			return err_set(err, ERR_INPUT, "trend.point", "points", "%g at %g with variance %g", x->y, x->t,
			               x->v);
		stats_add(&w, 1 / x->v);
		stats_add(&wt, x->t / x->v);
		stats_add(&wy, x->y / x->v);
		largest = fmax(largest, fabs(x->t));
	}
	const double all = stats_total(&w), t0 = n ? stats_total(&wt) / all : 0, y0 = n ? stats_total(&wy) / all : 0;
	for (size_t i = 0; i < n; i++) {
		const double t = points[i].t - t0;
		stats_add(&tt, t * t / points[i].v);
		stats_add(&ty, t * (points[i].y - y0) / points[i].v);
	}
	const double spread = stats_total(&tt);
	if (n < 2 || !(spread > 1e-20 * largest * largest * all)) {
		slope->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double se = 1 / sqrt(spread);
	slope->est = stats_total(&ty) / spread;
	slope->lo = slope->est - STATS_Z95 * se, slope->hi = slope->est + STATS_Z95 * se;
	slope->lo80 = slope->est - STATS_Z80 * se, slope->hi80 = slope->est + STATS_Z80 * se;
	*p = 2 * stats_normal_cdf(-fabs(slope->est) / se);
	return OK;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* n(n-1)(2n+5): 18 times the variance of s over n figures in any order, and what a tie of n takes off it. */
static double order_variance(double n)
{
	return n * (n - 1) * (2 * n + 5);
}

/* s, its variance and the slopes of one season: figures x[from], x[from + season], … */
static size_t one_season(const double *x, size_t n, size_t from, size_t season, double *sorted, double *slopes,
                         struct stats_trend *out, bool *ties)
{
	size_t k = 0, m = 0;
	for (size_t i = from; i < n; i += season) {
		if (isnan(x[i])) continue;
		for (size_t j = i + season; j < n; j += season) {
			if (isnan(x[j])) continue;
			out->s += (x[j] > x[i]) - (x[j] < x[i]);
			slopes[k++] = (x[j] - x[i]) / (double)(j - i);
		}
		sorted[m++] = x[i];
	}
	qsort(sorted, m, sizeof *sorted, by_value);
	double var = order_variance((double)m);
	for (size_t i = 0, next; i < m; i = next) {
		for (next = i; next < m && sorted[next] == sorted[i];) next++;
		var -= order_variance((double)(next - i));
		*ties |= next - i > 1;
	}
	out->var += var / 18;
	out->sen.n += (int64_t)m;
	return k;
}

/* P(|S| >= s) over all orders of n different figures: orders with k inversions, built up figure by figure. */
static double exact_p(int64_t s, int n)
{
	double ways[STATS_TREND_EXACT * (STATS_TREND_EXACT - 1) / 2 + 1] = { 1 };
	int pairs = 0;
	for (int m = 2; m <= n; m++) {
		double next[COUNT_OF(ways)] = { 0 };
		for (int k = 0; k <= pairs; k++)
			for (int up = 0; up < m; up++) next[k + up] += ways[k];
		pairs += m - 1;
		memcpy(ways, next, sizeof ways);
	}
	double as_far = 0, all = 0;
	for (int k = 0; k <= pairs; k++) {
		all += ways[k];
		if (llabs(pairs - 2 * k) >= llabs(s)) as_far += ways[k];
	}
	return as_far / all;
}

/*
 * The value at place k of x in order, by quickselect: of a quarter of a
 * million slopes six are wanted. The pivot is drawn, so that no order of
 * figures makes it slow.
 */
static double at_rank(double *x, size_t n, size_t k, struct rng *r)
{
	size_t lo = 0, hi = n;
	while (hi - lo > 1) {
		const double pivot = x[lo + (size_t)rng_below(r, hi - lo)];
		size_t less = lo, same = lo, more = hi; /* [lo, less) below it, [less, same) equal, [more, hi) above */
		while (same < more) {
			const double v = x[same];
			if (v < pivot) x[same++] = x[less], x[less++] = v;
			else if (v > pivot) x[same] = x[--more], x[more] = v;
			else same++;
		}
		if (k < less) hi = less;
		else if (k >= more) lo = more;
		else return pivot;
	}
	return x[lo];
}

static double median(double *x, size_t n, struct rng *r)
{
	const double high = at_rank(x, n, n / 2, r);
	return n % 2 ? high : (at_rank(x, n, n / 2 - 1, r) + high) / 2;
}

/* Median slope; limits are the slopes at ranks (N -+ z sqrt(var)) / 2 (Gilbert 1987), rounded outwards. */
static bool slope_limits(double *slopes, size_t n, double var, double z, struct rng *r, double *lo, double *hi)
{
	const double c = z * sqrt(var), low = floor(((double)n - c) / 2), high = ceil(((double)n + c) / 2) + 1;
	const bool there = low >= 1 && high <= (double)n;
	*lo = at_rank(slopes, n, there ? (size_t)low - 1 : 0, r);
	*hi = at_rank(slopes, n, there ? (size_t)high - 1 : n - 1, r);
	return there;
}

enum err_code stats_mann_kendall(const double *x, size_t n, size_t season, struct arena *scratch,
                                 struct stats_trend *out, struct err *err)
{
	struct stats_trend r = { .p = 1, .sen = { .level = 0.95, .method = STATS_SEN } };
	bool ties = false;
	size_t k = 0;
	if (n > STATS_TREND_MAX)
		return err_limit(err, "trend.periods", "periods", (int64_t)n, STATS_TREND_MAX,
		                 "a trend over %zu periods", n);
	if (season < 1) return err_set(err, ERR_INPUT, "trend.season", "season", "a year has at least one season");
	for (size_t i = 0; i < n; i++)
		if (isinf(x[i])) return err_set(err, ERR_INPUT, "trend.point", "points", "%g in period %zu", x[i], i);
	double *sorted = ARENA_ARRAY(scratch, double, n), *slopes = ARENA_ARRAY(scratch, double, n *n / 2);
	if (!sorted || !slopes) return err_no_memory(err);
	for (size_t from = 0; from < season && from < n; from++)
		k += one_season(x, n, from, season, sorted, slopes + k, &r, &ties);
	r.sen.n_eff = (double)r.sen.n;
	if (r.sen.n < 30) r.sen.flags |= STATS_SMALL_N;
	if (r.sen.n < 3 || k == 0) {
		r.sen.flags |= STATS_NOT_IDENTIFIED;
		*out = r;
		return OK;
	}
	if (r.var > 0) {
		r.z = (double)(r.s - (r.s > 0) + (r.s < 0)) / sqrt(r.var);
		r.p = fmin(1, 2 * stats_normal_cdf(-fabs(r.z)));
	}
	r.exact = season == 1 && !ties && r.sen.n <= STATS_TREND_EXACT;
	if (r.exact) r.p = exact_p(r.s, (int)r.sen.n);
	struct rng pivots;
	rng_init(&pivots, 0, 0);
	r.sen.est = median(slopes, k, &pivots);
	if (!slope_limits(slopes, k, r.var, STATS_Z80, &pivots, &r.sen.lo80, &r.sen.hi80))
		r.sen.flags |= STATS_NOT_IDENTIFIED;
	if (!slope_limits(slopes, k, r.var, STATS_Z95, &pivots, &r.sen.lo, &r.sen.hi))
		r.sen.flags |= STATS_NOT_IDENTIFIED;
	*out = r;
	return OK;
}
