/*
 * Is a row of figures going up or down? Periods must not overlap: rolling
 * figures repeat themselves. docs/methods/trend.md.
 */
#ifndef STATS_TREND_H
#define STATS_TREND_H

#include "stats/stats.h"

#define STATS_TREND_MAX 1000 /* periods */

/*
 * Cochran and Armitage: do shares rise or fall with t? chi2 has one degree of
 * freedom; `sign` is that of the trend. Nothing to see (no answers, all or
 * none, one t): chi2 0, p 1. Errors: ERR_INPUT for impossible counts or a t
 * that is not finite.
 */
struct stats_share_trend {
	double chi2, p;
	int sign;
};
NODISCARD enum err_code stats_trend_shares(const struct stats_count *c, const double *t, size_t n,
                                           struct stats_share_trend *out, struct err *err);

/* One figure of a period: when, what, and its variance (> 0). */
struct stats_point {
	double t, y, v;
};
/*
 * Slope of a line through figures with known variances, weights 1 / v; normal
 * interval. Fewer than two, or one t: STATS_NOT_IDENTIFIED, p 1.
 * Errors: ERR_INPUT for a v that is not positive, or what is not finite.
 */
NODISCARD enum err_code stats_trend_line(const struct stats_point *points, size_t n, struct stats_estimate *slope,
                                         double *p, struct err *err);

struct stats_trend {
	int64_t s;   /* pairs that go up less pairs that go down */
	double var;  /* of s without a trend, ties taken off */
	double z, p; /* z with continuity correction; p two-sided */
	bool exact;  /* p by counting all orders: at most STATS_TREND_EXACT figures without ties, one season */
	struct stats_estimate sen; /* median slope of a period, with its interval; n the figures */
};
#define STATS_TREND_EXACT 10
/*
 * Mann and Kendall's test, and Sen's slope. x is one figure a period, NaN a
 * period without one. `season` periods make a year (12 months); figures are
 * then compared within their season only. 1: no seasons.
 * Fewer than 3 figures: p 1, slope STATS_NOT_IDENTIFIED; the interval of
 * fewer than it takes is the range of slopes with STATS_NOT_IDENTIFIED.
 * Errors: ERR_LIMIT above STATS_TREND_MAX periods; ERR_INPUT for season 0.
 * Cost n^2.
 */
NODISCARD enum err_code stats_mann_kendall(const double *x, size_t n, size_t season, struct arena *scratch,
                                           struct stats_trend *out, struct err *err);

#endif
