/* Proportions and NPS. docs/methods/proportions.md, nps.md. */
#include "stats/stats.h"

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

/* Square and add: limits of a - b from the limits of both (Donner and Zou 2012 call it MOVER). */
static struct interval mover(double a, struct interval ia, double b, struct interval ib)
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

/*
 * Tango 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B:
 * the score statistic of "the true difference is theta" for counts P against D.
 */
static double tango(double p, double d, double n, double theta)
{
	const double a = 2 * n;
	const double b = -p - d + (2 * n - p + d) * theta;
	const double c = -d * theta * (1 - theta);
	const double q = (sqrt(fmax(0, b * b - 4 * a * c)) - b) / (2 * a);
	const double var = n * (2 * q + theta * (1 - theta));
	const double top = p - d - n * theta;
	if (var > 0) return top / sqrt(var);
	return top > 0 ? HUGE_VAL : top < 0 ? -HUGE_VAL : 0;
}

static struct interval nps_score(double p, double d, double n, double z)
{
	const double s = (p - d) / n;
	struct interval out = { -1, 1 };
	if (s > -1) {
		double lo = -1, hi = s;
		for (int i = 0; i < 60; i++) {
			const double mid = (lo + hi) / 2;
			if (tango(p, d, n, mid) > z) lo = mid;
			else hi = mid;
		}
		out.low = lo;
	}
	if (s < 1) {
		double lo = s, hi = 1;
		for (int i = 0; i < 60; i++) {
			const double mid = (lo + hi) / 2;
			if (tango(p, d, n, mid) < -z) hi = mid;
			else lo = mid;
		}
		out.high = hi;
	}
	return out;
}

static enum err_code check_nps(const struct stats_nps_counts *c, struct err *err)
{
	if (c->promoters >= 0 && c->passives >= 0 && c->detractors >= 0) return OK;
	return err_set(err, ERR_INPUT, "nps.counts", "counts", "counts of answers cannot be negative");
}

enum err_code stats_nps(const struct stats_nps_counts *c, struct stats_estimate *out, struct err *err)
{
	TRY(check_nps(c, err));
	const int64_t n = c->promoters + c->passives + c->detractors;
	*out = (struct stats_estimate){ .level = 0.95, .n = n, .n_eff = (double)n, .method = STATS_NPS_SCORE };
	if (n < 30) out->flags |= STATS_SMALL_N;
	if (n == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double p = (double)c->promoters, d = (double)c->detractors, m = (double)n;
	const struct interval wide = nps_score(p, d, m, STATS_Z95), band = nps_score(p, d, m, STATS_Z80);
	out->est = 100 * (p - d) / m;
	out->lo = 100 * wide.low, out->hi = 100 * wide.high;
	out->lo80 = 100 * band.low, out->hi80 = 100 * band.high;
	return OK;
}

enum err_code stats_nps_diff(const struct stats_nps_counts *a, const struct stats_nps_counts *b,
                             struct stats_estimate *out, struct err *err)
{
	struct stats_estimate ea, eb;
	TRY(stats_nps(a, &ea, err));
	TRY(stats_nps(b, &eb, err));
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = ea.n + eb.n,
		                        .n_eff = ea.n_eff + eb.n_eff,
		                        .method = STATS_NPS_SCORE,
		                        .flags = ea.flags | eb.flags };
	if (out->flags & STATS_NOT_IDENTIFIED) return OK;
	const struct interval wide =
	        mover(ea.est, (struct interval){ ea.lo, ea.hi }, eb.est, (struct interval){ eb.lo, eb.hi });
	const struct interval band =
	        mover(ea.est, (struct interval){ ea.lo80, ea.hi80 }, eb.est, (struct interval){ eb.lo80, eb.hi80 });
	out->est = ea.est - eb.est;
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
