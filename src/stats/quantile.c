/* Quantiles by order statistics, and many tests at once. docs/methods/quantiles.md, multiple.md. */
#include "stats/stats.h"

#include <math.h>

/* Smallest k in [0, n] with P(B <= k) >= target. */
static int64_t binomial_quantile(int64_t n, double q, double target)
{
	int64_t lo = 0, hi = n;
	while (lo < hi) {
		const int64_t mid = lo + (hi - lo) / 2;
		if (stats_binomial_cdf(mid, n, q) >= target) hi = mid;
		else lo = mid + 1;
	}
	return lo;
}

/*
 * P(x_(l) <= Q <= x_(u)) >= P(l <= B <= u-1) with B ~ Binomial(n, q). Equal
 * tails: l is the largest rank with P(B <= l-1) <= alpha/2, u the smallest
 * with P(B <= u-1) >= 1 - alpha/2.
 */
bool stats_quantile_ranks(int64_t n, double q, double level, int64_t *lo, int64_t *hi)
{
	if (n < 1 || !(q > 0 && q < 1) || !(level > 0 && level < 1)) return false;
	const double alpha = (1 - level) / 2;
	int64_t l = binomial_quantile(n, q, alpha);
	if (stats_binomial_cdf(l, n, q) <= alpha) l++;
	const int64_t u = binomial_quantile(n, q, 1 - alpha) + 1;
	if (l < 1 || u > n) return false;
	*lo = l, *hi = u;
	return true;
}

void stats_quantile(const double *sorted, size_t n, double q, struct stats_estimate *out)
{
	*out = (struct stats_estimate){
		.level = 0.95, .n = (int64_t)n, .n_eff = (double)n, .method = STATS_QUANTILE_ORDER
	};
	if (n < 30) out->flags |= STATS_SMALL_N;
	if (n == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	const double at = q * (double)(n - 1);
	const size_t below = (size_t)at;
	const double next = below + 1 < n ? sorted[below + 1] : sorted[below];
	out->est = sorted[below] + (at - (double)below) * (next - sorted[below]);
	out->lo = out->hi = out->lo80 = out->hi80 = out->est;
	int64_t lo, hi;
	if (stats_quantile_ranks((int64_t)n, q, 0.80, &lo, &hi)) out->lo80 = sorted[lo - 1], out->hi80 = sorted[hi - 1];
	else out->flags |= STATS_NOT_IDENTIFIED;
	if (stats_quantile_ranks((int64_t)n, q, 0.95, &lo, &hi)) out->lo = sorted[lo - 1], out->hi = sorted[hi - 1];
	else out->flags |= STATS_NOT_IDENTIFIED;
}

struct ranked {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->p != y->p) return x->p < y->p ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

enum err_code stats_bh(const double *p, size_t n, struct arena *scratch, double *adjusted, struct err *err)
{
	struct ranked *order = ARENA_ARRAY(scratch, struct ranked, n);
	if (!order) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!(p[i] >= 0 && p[i] <= 1))
			return err_set(err, ERR_INPUT, "bh.p", "p", "%g is not a probability", p[i]);
		order[i] = (struct ranked){ p[i], i };
	}
	qsort(order, n, sizeof *order, by_p);
	double least = 1;
	for (size_t k = n; k-- > 0;) {
		least = fmin(least, order[k].p * ((double)n / (double)(k + 1)));
		adjusted[order[k].at] = least;
	}
	return OK;
}
