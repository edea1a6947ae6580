/* How far true values lie apart, sampling noise taken away. docs/methods/consistency.md. */
#include <math.h>

#include "stats/stats.h"

#define TAU_MAX 1000.0

struct values {
	const double *x, *v;
	size_t k;
};

/* The generalised Q: weighted squares round the weighted mean at a given tau^2; falls as tau^2 grows. */
static double q_at(const struct values *d, double tau2)
{
	struct stats_sum w = { 0, 0 }, wx = { 0, 0 }, q = { 0, 0 };
	for (size_t i = 0; i < d->k; i++) {
		const double weight = 1 / (d->v[i] + tau2);
		stats_add(&w, weight);
		stats_add(&wx, weight * d->x[i]);
	}
	const double mean = stats_total(&wx) / stats_total(&w);
	for (size_t i = 0; i < d->k; i++) stats_add(&q, (d->x[i] - mean) * (d->x[i] - mean) / (d->v[i] + tau2));
	return stats_total(&q);
}

/* tau at which the chance of a larger Q is `upper`; 0 when even no spread makes it larger. */
static double tau_at(const struct values *d, double upper)
{
	const double df = (double)(d->k - 1);
	if (stats_chi2_upper(q_at(d, 0), df) >= upper) return 0;
	double lo = 0, hi = TAU_MAX;
	for (int i = 0; i < 80; i++) {
		const double mid = (lo + hi) / 2;
		if (stats_chi2_upper(q_at(d, mid * mid), df) < upper) lo = mid;
		else hi = mid;
	}
	return (lo + hi) / 2;
}

static double tau_of_mean(const struct values *d)
{
	const double df = (double)(d->k - 1);
	if (q_at(d, 0) <= df) return 0;
	double lo = 0, hi = TAU_MAX;
	for (int i = 0; i < 80; i++) {
		const double mid = (lo + hi) / 2;
		if (q_at(d, mid * mid) > df) lo = mid;
		else hi = mid;
	}
	return (lo + hi) / 2;
}

void stats_spread(const double *x, const double *v, size_t n, struct stats_estimate *out, double *p)
{
	const struct values d = { x, v, n };
	*out = (struct stats_estimate){ .level = 0.95, .n = (int64_t)n, .n_eff = (double)n, .method = STATS_Q_PROFILE };
	*p = 1;
	if (n < 2) {
		out->flags = STATS_NOT_IDENTIFIED;
		return;
	}
	out->est = tau_of_mean(&d);
	out->lo = tau_at(&d, 0.025), out->hi = tau_at(&d, 0.975);
	out->lo80 = tau_at(&d, 0.10), out->hi80 = tau_at(&d, 0.90);
	*p = stats_chi2_upper(q_at(&d, 0), (double)(n - 1));
}
