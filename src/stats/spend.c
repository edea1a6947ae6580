/* What a purchase is worth: Gamma-Gamma. docs/methods/value.md; p, q, v as in the source. */
#include "stats/priv.h"

#include <math.h>

struct spenders {
	const struct stats_spender *rows;
	size_t n;
	double unit; /* the mean amount: the search is of amounts near 1 */
};

/* Minus the log likelihood at ln p, ln q, ln v. */
static double unlikely(const void *ctx, const double *at)
{
	const struct spenders *d = ctx;
	const double p = exp(at[0]), q = exp(at[1]), v = exp(at[2]), of_q = lgamma(q) - q * at[2];
	struct stats_sum s = { 0, 0 };
	for (size_t i = 0; i < d->n; i++) {
		const double x = d->rows[i].repeats, z = d->rows[i].mean / d->unit, px = p * x;
		stats_add(&s, lgamma(px + q) - lgamma(px) - of_q + (px - 1) * log(z) + px * log(x) -
		                      (px + q) * log(v + x * z));
	}
	return -stats_total(&s);
}

enum err_code stats_spend_fit(const struct stats_spender *rows, size_t n, struct arena *scratch,
                              struct stats_spend *out, struct err *err)
{
	struct stats_spend r = { .n = (int64_t)n, .fit = STATS_FIT_OK };
	struct stats_moments amount = { 0, 0, 0 }, count = { 0, 0, 0 };
	double both = 0;
	for (size_t i = 0; i < n; i++) {
		const struct stats_spender *c = &rows[i];
		if (!(isfinite(c->repeats) && c->repeats >= 1 && isfinite(c->mean) && c->mean > 0))
			return err_set(err, ERR_INPUT, "spend.amount", "rows",
			               "customer %zu cannot be: %g repeats of %g", i, c->repeats, c->mean);
		const double off = c->mean - amount.mean;
		stats_see(&amount, c->mean);
		stats_see(&count, c->repeats);
		both += off * (c->repeats - count.mean);
	}
	if (amount.m2 > 0 && count.m2 > 0) r.with_count = both / sqrt(amount.m2 * count.m2);
	if (n < STATS_SPEND_MIN) r.fit = STATS_FIT_FEW;
	else if (!(amount.m2 > 1e-18 * amount.mean * amount.mean * (double)n)) r.fit = STATS_FIT_CONSTANT;
	if (r.fit == STATS_FIT_OK) {
		const struct spenders d = { rows, n, amount.mean };
		const struct minimise m = { unlikely, &d, 3, -9, 12 };
		double x[3], h[9], least;
		if (!minimise(&m, (double[]){ 1, 1, 0 }, x, &least, h)) {
			r.fit = STATS_FIT_UNSETTLED;
		} else {
			inverse_of_curvature(h, 3, scratch, r.cov);
			r.p = exp(x[0]), r.q = exp(x[1]), r.v = exp(x[2]) * d.unit;
			r.loglik = -least - (double)n * log(d.unit);
			if (r.q > 1) r.mean = r.p * r.v / (r.q - 1);
			else r.fit = STATS_FIT_NO_MEAN;
		}
	}
	*out = r;
	return OK;
}

double stats_spend_mean(const struct stats_spend *m, const struct stats_spender *c)
{
	if (c->repeats <= 0) return m->mean;
	return m->p * (m->v + c->repeats * c->mean) / (m->p * c->repeats + m->q - 1);
}
