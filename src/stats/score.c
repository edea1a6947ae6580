/* Experience scores: combining signals and shrinking them. docs/methods/scores.md. */
#include "stats/stats.h"

#include <math.h>

#define CUSTOMERS_FOR_OWN_SPREAD 5

static double signal_variance(const struct stats_signal *s)
{
	/* Customers who all say the same have no spread of their own: that of the others stands in, too. */
	const bool own = s->customers >= CUSTOMERS_FOR_OWN_SPREAD && s->var > 0;
	const double sd2 = own ? s->var : s->pooled_sd * s->pooled_sd;
	return sd2 / (double)s->customers + s->bias_sd * s->bias_sd;
}

/*
 * Where nobody anywhere differs, what is left is that of stats_on_scale: the
 * mean lies within p of the way to the further end of 0 to 100, which is read
 * as a 95 % interval. A hundredth of a point squared keeps division finite.
 */
#define VARIANCE_MIN 1e-4

static double agreed_variance(const struct stats_signal *s)
{
	const double way = fmax(s->mean, 100 - s->mean) * (1 - pow(0.025, 1 / (double)s->customers)) / STATS_Z95;
	return fmax(VARIANCE_MIN, way * way);
}

void stats_combine(const struct stats_signal *signals, size_t n_signals, double *shares, struct stats_combined *out)
{
	struct stats_sum weight = { 0 }, weighted = { 0 };
	*out = (struct stats_combined){ 0 };
	for (size_t i = 0; i < n_signals; i++) {
		if (shares) shares[i] = 0;
		if (signals[i].customers < 1) continue;
		const double v = signal_variance(&signals[i]);
		const double w = 1 / (v > VARIANCE_MIN ? v : agreed_variance(&signals[i]));
		stats_add(&weight, w);
		stats_add(&weighted, w * signals[i].mean);
		if (shares) shares[i] = w;
		out->n += signals[i].n;
		if (signals[i].customers > out->customers) out->customers = signals[i].customers;
		out->any = true;
	}
	if (!out->any) return;
	const double total = stats_total(&weight);
	out->x = stats_total(&weighted) / total;
	out->v = 1 / total;
	if (shares)
		for (size_t i = 0; i < n_signals; i++) shares[i] /= total;
}

struct fit {
	double mean, q, weight;
};

static struct fit fit_at(const double *x, const double *v, size_t n, double tau2)
{
	struct stats_sum sw = { 0 }, swx = { 0 }, sq = { 0 };
	for (size_t i = 0; i < n; i++) {
		const double w = 1 / (v[i] + tau2);
		stats_add(&sw, w);
		stats_add(&swx, w * x[i]);
	}
	struct fit f = { .weight = stats_total(&sw) };
	f.mean = stats_total(&swx) / f.weight;
	for (size_t i = 0; i < n; i++) stats_add(&sq, (x[i] - f.mean) * (x[i] - f.mean) / (v[i] + tau2));
	f.q = stats_total(&sq);
	return f;
}

void stats_prior(const double *x, const double *v, size_t n, double mean0, struct stats_prior *out)
{
	if (n < STATS_PRIOR_K_MIN) {
		*out = (struct stats_prior){
			.mean = mean0, .tau2 = STATS_PRIOR_TAU * STATS_PRIOR_TAU, .k = n, .fixed = true
		};
		return;
	}
	const double want = (double)(n - 1);
	double lo = 0, hi = 1;
	struct fit f = fit_at(x, v, n, 0);
	if (f.q > want) {
		while (hi < 1e12 && fit_at(x, v, n, hi).q > want) hi *= 2;
		for (int i = 0; i < 200 && hi - lo > 1e-12 * hi; i++) { /* Q falls with tau2 */
			const double mid = lo + (hi - lo) / 2;
			if (fit_at(x, v, n, mid).q > want) lo = mid;
			else hi = mid;
		}
		lo = hi;
		f = fit_at(x, v, n, lo);
	}
	*out = (struct stats_prior){ .mean = f.mean, .tau2 = lo, .mean_var = 1 / f.weight, .k = n };
}

static double inside(double x)
{
	return fmin(100, fmax(0, x));
}

void stats_shrink(double x, double v, const struct stats_prior *prior, struct stats_estimate *out)
{
	const double b = v / (v + prior->tau2);
	const double sd = sqrt((1 - b) * v + b * b * prior->mean_var);
	*out = (struct stats_estimate){ .est = inside(b * prior->mean + (1 - b) * x),
		                        .level = 0.95,
		                        .method = STATS_EB_NORMAL,
		                        .flags = STATS_SHRUNK };
	out->lo = inside(out->est - STATS_Z95 * sd), out->hi = inside(out->est + STATS_Z95 * sd);
	out->lo80 = inside(out->est - STATS_Z80 * sd), out->hi80 = inside(out->est + STATS_Z80 * sd);
}
