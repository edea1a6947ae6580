/*
 * Statistics. Pure; each method has a page in docs/methods/ with formula,
 * source, edge cases and what it was checked against. A NaN never leaves
 * this module: a reason does (an error, or a flag of the estimate).
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rng.h"

enum stats_flag {
	STATS_SMALL_N = 1,        /* n < 30 */
	STATS_SUPPRESSED = 2,     /* n < 5: do not show */
	STATS_NOT_IDENTIFIED = 4, /* there is no number; est, lo, hi are 0 */
	STATS_EXTRAPOLATED = 8,
	STATS_WEIGHTED = 16,
	STATS_MULTIPLE_TESTED = 32,
	STATS_SHRUNK = 64,
	STATS_NO_SPREAD = 128, /* est stands, its interval is not known: lo, hi, lo80, hi80 are est */
};
enum stats_method {
	STATS_WILSON,
	STATS_MEAN_T,
	STATS_MEAN_CLUSTER,
	STATS_DIFF_CLUSTER,
	STATS_EB_NORMAL,
	STATS_QUANTILE_ORDER,
	STATS_NPS_SCORE,
	STATS_NEWCOMBE,
	STATS_MANTEL_HAENSZEL,
	STATS_Q_PROFILE,
	STATS_KAPLAN_MEIER,
	STATS_AGRESTI_COULL,
	STATS_CLOPPER_PEARSON,
	STATS_JEFFREYS,
	STATS_NPS_WALD,
	STATS_NPS_ADJWALD,
	STATS_NPS_BAYES,
	STATS_MEAN_BCA,
	STATS_PAIRED_T,
	STATS_ALPHA_F,
	STATS_SEN,
	STATS_WLS,
	STATS_DOUBLY_ROBUST,
	STATS_HANLEY_MCNEIL,
	STATS_MOVER,
	STATS_CHANGE_POINT,
	STATS_ADJUSTED,
	STATS_PREDICTIVE,
	STATS_RESTRICTED_MEAN,
	STATS_BOOTSTRAP,
	STATS_GARWOOD,
	STATS_MEAN_AGREED,
	STATS_METHODS
};
extern const char *const stats_method_names[STATS_METHODS];

struct stats_estimate {
	double est, lo, hi;
	double level; /* 0.95 */
	double lo80, hi80;
	int64_t n; /* answers */
	double n_eff;
	enum stats_method method;
	unsigned flags; /* enum stats_flag */
};

struct interval {
	double low, high;
};

#define STATS_Z95 1.959963984540054
#define STATS_Z80 1.281551565544600

/* --- sums ------------------------------------------------------------------------------- */

/* A sum that carries what rounding lost (Neumaier 1974): error of one ulp, whatever the order. Start from {0}. */
struct stats_sum {
	double sum, lost;
};
void stats_add(struct stats_sum *s, double x);
static inline double stats_total(const struct stats_sum *s)
{
	return s->sum + s->lost;
}

/* Mean and sum of squared deviations in one pass (Welford 1962). Start from {0}. */
struct stats_moments {
	int64_t n;
	double mean, m2;
};
void stats_see(struct stats_moments *m, double x);
static inline double stats_var(const struct stats_moments *m)
{
	return m->n > 1 ? m->m2 / (double)(m->n - 1) : 0.0;
}

/* --- distributions (docs/methods/distributions.md) ---------------------------------------- */

double stats_normal_cdf(double x);
/* Wichura's AS241, relative error about 1e-16. p is clamped to what a double can tell from 0 and 1. */
double stats_normal_quantile(double p);
/* Regularised incomplete gamma P(a, x); a > 0, x below 0 counts as 0. */
double stats_gamma_p(double a, double x);
/* Regularised incomplete beta I_x(a, b); a, b > 0, x clamped to [0, 1]. */
double stats_beta_inc(double x, double a, double b);
double stats_beta_quantile(double p, double a, double b);
/* P(|T| >= |t|) with df > 0 degrees of freedom, which need not be whole. */
double stats_t_two_sided(double t, double df);
double stats_t_quantile(double p, double df);
double stats_f_upper(double f, double df1, double df2);
double stats_chi2_upper(double x, double df);
/* P(B <= k), B ~ Binomial(n, p); 0 for k < 0, 1 for k >= n. */
double stats_binomial_cdf(int64_t k, int64_t n, double p);

/* --- proportions and NPS (docs/methods/proportions.md, nps.md) ------------------------------ */

/*
 * Wilson score interval for a proportion.
 *
 *   hits, n  counts, 0 <= hits <= n, n >= 1
 *   z        standard normal quantile, 1.959964 for 95 %
 *   out      both bounds inside [0, 1]
 *
 * The usual p +- z*se ("Wald") interval was rejected: it has zero width at
 * hits = 0 and hits = n, which small segments reach every day.
 *
 * Errors: ERR_INPUT when the counts are impossible; n = 0 is one of them.
 * Source: Wilson 1927, JASA 22, 209-212, doi 10.1080/01621459.1927.10502953.
 */
NODISCARD enum err_code stats_wilson(int64_t hits, int64_t n, double z, struct interval *out, struct err *err);

/* The same as an estimate with both levels; n = 0 gives STATS_NOT_IDENTIFIED, for "no answers yet". */
NODISCARD enum err_code stats_proportion(int64_t hits, int64_t n, struct stats_estimate *out, struct err *err);

/* Clopper-Pearson: never covers less than the level, and is wider than need be. */
NODISCARD enum err_code stats_exact(int64_t hits, int64_t n, double level, struct interval *out, struct err *err);

struct stats_count {
	int64_t hits, n;
};
/* a - b of two independent proportions: Newcombe's hybrid of Wilson limits (1998, method 10). */
NODISCARD enum err_code stats_newcombe(struct stats_count a, struct stats_count b, struct stats_estimate *out,
                                       struct err *err);

/*
 * The share behind a share that somebody read who errs (Rogan and Gladen
 * 1978), with the interval of Lang and Reiczigel 2014. docs/methods/adjusted.md.
 *
 *   read    those read as such, of all
 *   found   read as such, of those known to be such (sensitivity)
 *   spared  not read as such, of those known not to be (specificity)
 *   out     cut to [0, 1]; n: read.n
 *
 * STATS_NOT_IDENTIFIED: one of the counts is of nobody, or the reader tells
 * such from others no better than chance, as far as the known ones show. With
 * STATS_EXTRAPOLATED: the whole interval lies outside [0, 1], so it cannot err
 * here as often as with the known ones.
 * Errors: ERR_INPUT for impossible counts.
 */
NODISCARD enum err_code stats_adjusted(struct stats_count read, struct stats_count found, struct stats_count spared,
                                       struct stats_estimate *out, struct err *err);

/* Those with something and those without it, in one stratum of people who are otherwise alike. */
struct stats_stratum {
	struct stats_count with, without;
};
/*
 * Mantel-Haenszel risk difference: with - without inside each stratum, strata
 * weighted by n1 n0 / (n1 + n0), with the variance that holds for few large
 * strata and for many small ones. docs/methods/moments.md.
 *
 *   out  n: people of the strata that have both sides; n_eff: 4 * sum of weights (all of them when sides are equal)
 *   p    two-sided, normal
 *
 * STATS_NOT_IDENTIFIED, p = 1: no stratum has both sides, or there is no spread in any.
 * Errors: ERR_INPUT when counts are impossible.
 * Source: Greenland and Robins 1985, Biometrics 41, 55-68; Sato, Greenland and Robins 1989, Biometrics 45, 1323-1324.
 */
NODISCARD enum err_code stats_risk_difference(const struct stats_stratum *strata, size_t n, struct stats_estimate *out,
                                              double *p, struct err *err);

/* p of one share behind both: Pearson's chi square with one degree of freedom, without correction. 1 when a side is
 * empty, or all or none of both did it. */
double stats_same_share(struct stats_count a, struct stats_count b);

struct stats_nps_counts {
	int64_t promoters, passives, detractors;
};
/* Net Promoter Score in points, -100..100, with the score interval (Tango 1998). Nobody answered: STATS_NOT_IDENTIFIED.
 */
NODISCARD enum err_code stats_nps(const struct stats_nps_counts *c, struct stats_estimate *out, struct err *err);
/* a - b, by the square-and-add rule on both score intervals (MOVER). */
NODISCARD enum err_code stats_nps_diff(const struct stats_nps_counts *a, const struct stats_nps_counts *b,
                                       struct stats_estimate *out, struct err *err);

/* --- means (docs/methods/means.md) ------------------------------------------------------------ */

/* Mean with Student's t interval from moments. One value, or all alike: est is given, the interval is not, and
 * STATS_NO_SPREAD says so (stats_on_scale knows one where the scale has ends). No value: STATS_NOT_IDENTIFIED. */
void stats_mean(const struct stats_moments *m, struct stats_estimate *out);

/*
 * What the ends of the scale say of a mean of one of the functions here: an interval is cut at them, and
 * STATS_NO_SPREAD gets one. Where all n of a sample say c, those who would say something else are at most
 * p = 1 - ((1 - level) / 2)^(1/n) of all, and even they move the mean no further than to an end:
 * [c - (c - low) p, c + (high - c) p]. n is e->n_eff, which without spread counts customers.
 * Suppressed and not identified estimates stay as they are. Cost: O(1).
 */
void stats_on_scale(struct stats_estimate *e, struct interval scale);
/* Two-sided p that the mean of a scale from below to above 0, on which all n said c, is 0; 1 when c is 0. */
double stats_agreed_p(double c, double n, struct interval scale);

/* One answer; answers of one cluster (customer) are not independent. */
struct stats_answer {
	double x, w;
	uint64_t cluster;
};
/*
 * Weighted mean with cluster-robust variance and t quantile of (clusters - 1).
 * `answers` is sorted by cluster by this function. n_eff = (sum w)^2 / sum w^2.
 * Clusters that all say the same, or only one: STATS_NO_SPREAD, and n_eff is then times clusters / answers.
 * Errors: ERR_INPUT for a weight that is not positive or a value that is not finite.
 */
NODISCARD enum err_code stats_mean_clustered(struct stats_answer *answers, size_t n, struct stats_estimate *out,
                                             double *se, struct err *err);

/* Difference a - b when clusters may be on both sides: `in_a` tells the side of each answer (same order as answers;
 * both are sorted here). */
struct stats_sided {
	struct stats_answer answer;
	bool in_a;
};
NODISCARD enum err_code stats_diff_clustered(struct stats_sided *answers, size_t n, struct stats_estimate *out,
                                             double *se, double *p, struct err *err);

/* Many answers summed up; se is clustered, and not finite when it is not known. */
struct stats_group {
	double mean, se;
	int64_t n, clusters;
};
/* A mean from its summary, t quantile of (clusters - 1). One cluster or no spread: STATS_NO_SPREAD. Nobody, or an
 * error that is not known: STATS_NOT_IDENTIFIED. */
void stats_mean_group(const struct stats_group *g, struct stats_estimate *out);

/*
 * The difference a - b from summaries. `se_diff` NaN: the groups share no cluster.
 *
 * No group counts with a smaller standard error than the pooled spread gives
 * it: a few equal answers by chance have no spread of their own and would
 * otherwise "prove" any difference.
 * Degrees of freedom by Welch and Satterthwaite, on clusters.
 * STATS_NOT_IDENTIFIED, p = 1: a side with fewer than 2 clusters, or no
 * spread on either side.
 */
void stats_diff_groups(const struct stats_group *a, const struct stats_group *b, double se_diff,
                       struct stats_estimate *out, double *p);

/* --- quantiles (docs/methods/quantiles.md) ------------------------------------------------------ */

/* Ranks (from 1) between whose order statistics the q-quantile lies with at least `level`; false when n is too small.
 */
NODISCARD bool stats_quantile_ranks(int64_t n, double q, double level, int64_t *lo, int64_t *hi);
/* q-quantile (type 7) of sorted values with that interval. */
void stats_quantile(const double *sorted, size_t n, double q, struct stats_estimate *out);

/* --- survival (docs/methods/retention.md) --------------------------------------------------------- */

struct stats_risk { /* at one moment: how many could go, and how many did */
	int64_t at_risk, gone;
};
/*
 * The share that is left after each moment, S = product of (1 - gone / at risk) (Kaplan and Meier 1958), with
 * Greenwood's variance on the log-log scale, which stays inside [0, 1]. n of an estimate is the number at risk. Nobody
 * gone yet, or nobody left: Wilson's interval of that many. Nobody at risk: STATS_NOT_IDENTIFIED from there on.
 * Errors: ERR_INPUT for impossible counts.
 */
NODISCARD enum err_code stats_survival(const struct stats_risk *moments, size_t n, struct stats_estimate *out,
                                       struct err *err);

/* --- many tests at once (docs/methods/multiple.md) ------------------------------------------------ */

/* Benjamini-Hochberg adjusted p values, in the order of p. Ties get one value. */
NODISCARD enum err_code stats_bh(const double *p, size_t n, struct arena *scratch, double *adjusted, struct err *err);

/* --- experience scores (docs/methods/scores.md) ----------------------------------------------------- */

/* One type of evidence at one touchpoint, averaged within customers first. */
struct stats_signal {
	double mean, var; /* over customers; var is not used when customers < 5 */
	int64_t customers, n;
	double bias_sd;   /* between-method bias: 0 for ratings */
	double pooled_sd; /* of this type over all touchpoints; used when customers < 5 */
};
struct stats_combined {
	double x, v;          /* inverse-variance mean and its variance */
	int64_t n, customers; /* sum of n; the largest customers */
	bool any;
};
/* Methods 2.3. `shares` (n_signals, may be NULL) get each signal's weight, sum 1. Signals without customers are left
 * out. */
void stats_combine(const struct stats_signal *signals, size_t n_signals, double *shares, struct stats_combined *out);

struct stats_prior {
	double mean, tau2, mean_var;
	size_t k;
	bool fixed;
};
/*
 * Prior of the scores x with variances v (> 0) by Paule and Mandel 1982,
 * J. Res. NBS 87, 377, doi 10.6028/jres.087.022. Fewer than 4: mean0 and
 * tau = 15 (fixed).
 */
#define STATS_PRIOR_K_MIN 4
#define STATS_PRIOR_TAU 15.0
void stats_prior(const double *x, const double *v, size_t n, double mean0, struct stats_prior *out);
/*
 * Standard deviation tau of true values behind n measured ones with known
 * variances v > 0: Paule and Mandel's estimate with the Q-profile interval
 * (Viechtbauer 2007, Statistics in Medicine 26, 37-52, doi 10.1002/sim.2514),
 * p of Cochran's Q against no spread at all. Both start at 0. Fewer than 2:
 * STATS_NOT_IDENTIFIED, p = 1. docs/methods/consistency.md.
 */
void stats_spread(const double *x, const double *v, size_t n, struct stats_estimate *out, double *p);
/* One score under its prior, cut to [0, 100]; variance (1-B)V + B^2 var(mean). */
void stats_shrink(double x, double v, const struct stats_prior *prior, struct stats_estimate *out);

/* Sets STATS_SMALL_N and STATS_SUPPRESSED by out->n; a suppressed estimate keeps no numbers. */
void stats_mark(struct stats_estimate *e);

/* The rest of the public header, by topic. */
#include "stats/alert.h"
#include "stats/change.h"
#include "stats/churn.h"
#include "stats/credit.h"
#include "stats/groups.h"
#include "stats/items.h"
#include "stats/survey.h"
#include "stats/times.h"
#include "stats/trend.h"
#include "stats/value.h"
#include "stats/weights.h"

#endif
