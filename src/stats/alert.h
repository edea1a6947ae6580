/* Is this count more than the ones before it let expect? docs/methods/alert.md. */
#ifndef STATS_ALERT_H
#define STATS_ALERT_H

#include "stats/stats.h"

/* P(Y >= y) where Y is a Poisson of `mean` >= 0. y 0: 1. */
double stats_poisson_upper(int64_t y, double mean);
/* P(Y >= y), Y negative binomial: mean > 0, variance `spread` > 1 times it. */
double stats_negbin_upper(int64_t y, double mean, double spread);

#define STATS_ALERT_SPREAD 1.3 /* variance over mean of the past from which it counts as more than chance */

struct stats_surprise {
	double expected; /* mean of what was to come */
	double spread;   /* variance over mean of the past, 1 and more */
	double p;        /* of a count as large or larger */
	int64_t observed;
	size_t periods; /* of the past */
};
/*
 * What n earlier counts let expect of the next: Gamma(1/2 + sum, n) for the
 * rate (Jeffreys' prior), the next count is then negative binomial; where the
 * past spreads wider than chance, a negative binomial of that spread if its
 * tail is heavier. `trend` (> 0) multiplies the rate. Weights (NULL: all 1)
 * in [0, 1] take earlier alarms back.
 * Errors: ERR_INPUT "stats.alert" for counts below 0, nothing to look back
 * on, or a trend that is not positive and finite.
 * Source: Noufaily et al. 2013 (the idea of Farrington et al. 1996).
 */
NODISCARD enum err_code stats_surprise(const int64_t *past, const double *weights, size_t n, double trend,
                                       int64_t observed, struct stats_surprise *out, struct err *err);

struct stats_lull {
	struct stats_surprise is; /* p: of a count as small or smaller */
	int64_t low, high;        /* what comes lies between them, both included, in at least 95 of 100 cases */
};
/* The other side of it: is this count less than the n before let expect? Errors as stats_surprise. */
NODISCARD enum err_code stats_lull(const int64_t *past, size_t n, int64_t observed, struct stats_lull *out,
                                   struct err *err);

#endif
