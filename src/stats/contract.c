/* Leaving by contract: the shifted beta-geometric. docs/methods/value.md. */
#include "stats/priv.h"

#include <math.h>

const char *const stats_fit_names[STATS_FITS] = { "ok", "few", "constant", "unsettled", "no_mean" };

struct left {
	const int64_t *left;
	size_t n;
};

/* Minus the log likelihood at ln alpha, ln beta. P(1) = alpha / (alpha + beta); each next is the one before times
 * (beta + t - 2) / (alpha + beta + t - 1). */
static double unlikely(const void *ctx, const double *x)
{
	const struct left *d = ctx;
	const double alpha = exp(x[0]), beta = exp(x[1]);
	struct stats_sum s = { 0, 0 };
	double log_p = log(alpha) - log(alpha + beta), log_s = log(beta) - log(alpha + beta);
	for (size_t t = 1; t < d->n; t++) {
		const double past = (double)t;
		if (t > 1) {
			log_p += log((beta + past - 2) / (alpha + beta + past - 1));
			log_s += log((beta + past - 1) / (alpha + beta + past - 1));
		}
		stats_add(&s, (double)(d->left[t - 1] - d->left[t]) * log_p);
	}
	stats_add(&s, (double)d->left[d->n - 1] * log_s);
	return -stats_total(&s);
}

enum err_code stats_sbg_fit(const int64_t *left, size_t n_times, struct stats_sbg *out, struct err *err)
{
	if (n_times < 2 || n_times > STATS_SBG_TIMES_MAX)
		return err_limit(err, "sbg.counts", "left", (int64_t)n_times, STATS_SBG_TIMES_MAX,
		                 "it takes 2 to %d counts", STATS_SBG_TIMES_MAX);
	for (size_t t = 0; t < n_times; t++)
		if (left[t] < 0 || (t > 0 && left[t] > left[t - 1]))
			return err_set(err, ERR_INPUT, "sbg.counts", "left",
			               "count %zu is not from 0 to the one before", t);
	struct stats_sbg r = { .n = left[0], .fit = STATS_FIT_OK };
	if (left[0] < STATS_SBG_MIN) r.fit = STATS_FIT_FEW;
	else if (left[n_times - 1] == left[0] || left[1] == 0) r.fit = STATS_FIT_CONSTANT;
	if (r.fit == STATS_FIT_OK) {
		const struct left d = { left, n_times };
		const struct minimise m = { .f = unlikely, .ctx = &d, .p = 2, .lo = -9, .hi = 9 };
		double x[2], least;
		if (!minimise(&m, (double[]){ 0, 0 }, x, &least, NULL)) r.fit = STATS_FIT_UNSETTLED;
		else r.alpha = exp(x[0]), r.beta = exp(x[1]), r.loglik = -least;
	}
	*out = r;
	return OK;
}

double stats_sbg_retention(const struct stats_sbg *m, int64_t t)
{
	return (m->beta + (double)t - 1) / (m->alpha + m->beta + (double)t - 1);
}

double stats_sbg_survival(const struct stats_sbg *m, int64_t t)
{
	const double past = (double)t;
	return exp(lgamma(m->beta + past) - lgamma(m->beta) + lgamma(m->alpha + m->beta) -
	           lgamma(m->alpha + m->beta + past));
}
