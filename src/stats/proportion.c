/* Proportions. docs/methods/proportions.md. */
#include "stats/priv.h"

#include <math.h>

static enum err_code check_counts(int64_t hits, int64_t n, struct err *err)
{
	if (n >= 0 && hits >= 0 && hits <= n) return OK;
	return err_set(err, ERR_INPUT, "wilson.counts", "hits", "%lld hits out of %lld cannot be a proportion",
	               (long long)hits, (long long)n);
}

static struct interval wilson(int64_t hits, int64_t n, double z)
{
	const double p = (double)hits / (double)n;
	const double zz_n = z * z / (double)n;
	const double scale = 1.0 / (1.0 + zz_n);
	const double mid = scale * (p + zz_n / 2.0);
	const double half = scale * sqrt(zz_n * (p * (1.0 - p) + zz_n / 4.0));
	/* At p = 0 and p = 1 rounding can put a bound one ulp outside. */
	return (struct interval){ .low = fmax(0.0, mid - half), .high = fmin(1.0, mid + half) };
}

enum err_code stats_wilson(int64_t hits, int64_t n, double z, struct interval *out, struct err *err)
{
	if (n < 1)
		return err_set(err, ERR_INPUT, "wilson.counts", "n", "a proportion of %lld answers has no interval",
		               (long long)n);
	TRY(check_counts(hits, n, err));
	*out = wilson(hits, n, z);
	return OK;
}

enum err_code stats_proportion(int64_t hits, int64_t n, struct stats_estimate *out, struct err *err)
{
	TRY(check_counts(hits, n, err));
	*out = (struct stats_estimate){ .level = 0.95, .n = n, .n_eff = (double)n, .method = STATS_WILSON };
	if (n == 0) {
		out->flags = STATS_NOT_IDENTIFIED | STATS_SMALL_N;
		return OK;
	}
	const struct interval wide = wilson(hits, n, STATS_Z95), band = wilson(hits, n, STATS_Z80);
	out->est = (double)hits / (double)n;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	if (n < 30) out->flags |= STATS_SMALL_N;
	return OK;
}

enum err_code stats_exact(int64_t hits, int64_t n, double level, struct interval *out, struct err *err)
{
	if (n < 1 || !(level > 0 && level < 1))
		return err_set(err, ERR_INPUT, "wilson.counts", "n",
		               "an exact interval needs at least one answer and a level between 0 and 1");
	TRY(check_counts(hits, n, err));
	const double a = (1 - level) / 2, k = (double)hits, m = (double)n;
	*out = (struct interval){
		.low = hits == 0 ? 0 : stats_beta_quantile(a, k, m - k + 1),
		.high = hits == n ? 1 : stats_beta_quantile(1 - a, k + 1, m - k),
	};
	return OK;
}

struct interval mover(double a, struct interval ia, double b, struct interval ib)
{
	const double d = a - b;
	return (struct interval){
		.low = d - hypot(a - ia.low, ib.high - b),
		.high = d + hypot(ia.high - a, b - ib.low),
	};
}

enum err_code stats_newcombe(struct stats_count a, struct stats_count b, struct stats_estimate *out, struct err *err)
{
	TRY(check_counts(a.hits, a.n, err));
	TRY(check_counts(b.hits, b.n, err));
	*out = (struct stats_estimate){
		.level = 0.95, .n = a.n + b.n, .n_eff = (double)(a.n + b.n), .method = STATS_NEWCOMBE
	};
	if (a.n < 30 || b.n < 30) out->flags |= STATS_SMALL_N;
	if (a.n == 0 || b.n == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double pa = (double)a.hits / (double)a.n, pb = (double)b.hits / (double)b.n;
	const struct interval wide = mover(pa, wilson(a.hits, a.n, STATS_Z95), pb, wilson(b.hits, b.n, STATS_Z95));
	const struct interval band = mover(pa, wilson(a.hits, a.n, STATS_Z80), pb, wilson(b.hits, b.n, STATS_Z80));
	out->est = pa - pb;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	return OK;
}

double stats_same_share(struct stats_count a, struct stats_count b)
{
	const int64_t hits = a.hits + b.hits, n = a.n + b.n;
	if (a.n < 1 || b.n < 1 || hits == 0 || hits == n) return 1;
	const double p = (double)hits / (double)n;
	const double diff = (double)a.hits / (double)a.n - (double)b.hits / (double)b.n;
	const double var = p * (1 - p) * (1 / (double)a.n + 1 / (double)b.n);
	return stats_chi2_upper(diff * diff / var, 1);
}
