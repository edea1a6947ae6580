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

/* --- less than expected ------------------------------------------------------------------------------ */

/* The next count, as the past lets expect it. */
struct next_count {
	double a, b, expected, spread;
};

/* P(Y >= y) by the rate alone, or by the spread of the past. */
static double upper(const struct next_count *k, bool wide, int64_t y)
{
	return wide ? stats_negbin_upper(y, k->expected, k->spread) : negbin_tail(y, k->a, 1 / (k->b + 1));
}

/* The largest y with P(Y >= y) >= share. */
static int64_t reached(const struct next_count *k, bool wide, double share)
{
	int64_t low = 0, high = 1;
	while (upper(k, wide, high) >= share && high < INT64_C(1) << 52) high *= 2;
	while (high - low > 1) {
		const int64_t mid = low + (high - low) / 2;
		if (upper(k, wide, mid) >= share) low = mid;
		else high = mid;
	}
	return low;
}

enum err_code stats_lull(const int64_t *past, size_t n, int64_t observed, struct stats_lull *out, struct err *err)
{
	struct stats_lull l;
	TRY(stats_surprise(past, NULL, n, 1, observed, &l.is, err));
	const struct next_count k = {
		.a = l.is.expected * (double)n, .b = (double)n, .expected = l.is.expected, .spread = l.is.spread
	};
	/* P(Y <= y) = 1 - P(Y >= y + 1): what is lost of it by the subtraction is far below what anybody acts upon. */
	l.is.p = fmax(0, 1 - upper(&k, false, observed + 1));
	l.low = reached(&k, false, .975);
	l.high = reached(&k, false, .025);
	if (k.spread > STATS_ALERT_SPREAD) {
		l.is.p = fmax(l.is.p, fmax(0, 1 - upper(&k, true, observed + 1)));
		const int64_t low = reached(&k, true, .975), high = reached(&k, true, .025);
		if (low < l.low) l.low = low;
		if (high > l.high) l.high = high;
	}
	*out = l;
	return OK;
}
