/* Risk differences over strata. docs/methods/moments.md. */
#include "stats/stats.h"

#include <math.h>

enum err_code stats_risk_difference(const struct stats_stratum *strata, size_t n, struct stats_estimate *out, double *p,
                                    struct err *err)
{
	struct stats_sum top = { 0, 0 }, weights = { 0, 0 }, between = { 0, 0 }, within = { 0, 0 };
	int64_t people = 0;
	for (size_t k = 0; k < n; k++) {
		const struct stats_count x = strata[k].with, y = strata[k].without;
		if (x.hits < 0 || y.hits < 0 || x.hits > x.n || y.hits > y.n)
			return err_set(err, ERR_INPUT, "strata.counts", "strata",
			               "%lld of %lld and %lld of %lld cannot be two proportions", (long long)x.hits,
			               (long long)x.n, (long long)y.hits, (long long)y.n);
		/* A stratum with one side alone compares nothing. */
		if (x.n == 0 || y.n == 0) continue;
		const double a = (double)x.hits, n1 = (double)x.n, c = (double)y.hits, n0 = (double)y.n, all = n1 + n0;
		people += x.n + y.n;
		stats_add(&top, (a * n0 - c * n1) / all);
		stats_add(&weights, n1 * n0 / all);
		stats_add(&between, (n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (all * all));
		stats_add(&within, (a * (n0 - c) + c * (n1 - a)) / (2 * all));
	}
	*out = (struct stats_estimate){ .level = 0.95, .n = people, .method = STATS_MANTEL_HAENSZEL };
	*p = 1;
	const double w = stats_total(&weights);
	const double d = w > 0 ? stats_total(&top) / w : 0;
	const double var = w > 0 ? (d * stats_total(&between) + stats_total(&within)) / (w * w) : 0;
	/* Nobody to compare with, or no outcome on either side (or nothing else): no spread to judge a difference by.
	 */
	if (!(var > 0)) {
		out->flags = STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double se = sqrt(var);
	out->n_eff = 4 * w;
	out->est = d;
	out->lo = fmax(-1, d - STATS_Z95 * se), out->hi = fmin(1, d + STATS_Z95 * se);
	out->lo80 = fmax(-1, d - STATS_Z80 * se), out->hi80 = fmin(1, d + STATS_Z80 * se);
	*p = 2 * stats_normal_cdf(-fabs(d) / se);
	if (people < 30) out->flags |= STATS_SMALL_N;
	return OK;
}
