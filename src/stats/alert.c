/* Counts beside those before them. */
#include "stats/alert.h"

#include <math.h>

double stats_poisson_upper(int64_t y, double mean)
{
	return y <= 0 ? 1 : stats_gamma_p((double)y, mean);
}

/* P(Y >= y) for size r and success probability 1 - x of stopping: mean r x / (1 - x). */
static double negbin_tail(int64_t y, double r, double x)
{
	return y <= 0 ? 1 : stats_beta_inc(x, (double)y, r);
}

double stats_negbin_upper(int64_t y, double mean, double spread)
{
	return negbin_tail(y, mean / (spread - 1), (spread - 1) / spread);
}

/* Pearson's sum over its degrees of freedom. */
static double spread_of(const int64_t *past, const double *w, size_t n, double mean)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < n; i++) {
		const double d = (double)past[i] - mean, wi = w ? w[i] : 1;
		sum += wi * d * d;
		weight += wi;
	}
	return weight > 1 && mean > 0 ? fmax(1, sum / mean / (weight - 1)) : 1;
}

enum err_code stats_surprise(const int64_t *past, const double *weights, size_t n, double trend, int64_t observed,
                             struct stats_surprise *out, struct err *err)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < n; i++) {
		const double w = weights ? weights[i] : 1;
		if (past[i] < 0 || !(w >= 0 && w <= 1))
			return err_set(err, ERR_INPUT, "stats.alert", "past", "count %zu or its weight is not possible",
			               i);
		sum += w * (double)past[i];
		weight += w;
	}
	if (!(weight > 0)) return err_set(err, ERR_INPUT, "stats.alert", "past", "there is nothing to look back on");
	if (!(trend > 0) || !isfinite(trend) || observed < 0)
		return err_set(err, ERR_INPUT, "stats.alert", "trend",
		               "the trend is positive and finite, a count not below 0");
	const double a = .5 + sum, b = weight / trend;
	struct stats_surprise s = { .expected = a / b, .observed = observed, .periods = n };
	s.spread = spread_of(past, weights, n, sum / weight);
	s.p = negbin_tail(observed, a, 1 / (b + 1));
	if (s.spread > STATS_ALERT_SPREAD) s.p = fmax(s.p, stats_negbin_upper(observed, s.expected, s.spread));
	*out = s;
	return OK;
}
