/*
 * What customers are worth: how long they stay, how often they come back,
 * what they spend. docs/methods/value.md. All fits are by maximum likelihood
 * with a bounded search that says whether it settled; what cannot be
 * estimated is a named state and never a number.
 */
#ifndef STATS_VALUE_H
#define STATS_VALUE_H

#include "stats/stats.h"

/* Why there is a model, or why not. */
enum stats_fit {
	STATS_FIT_OK,
	STATS_FIT_FEW,       /* fewer customers, or fewer who came back, than the model takes */
	STATS_FIT_CONSTANT,  /* all alike: any spread, down to none, explains them */
	STATS_FIT_UNSETTLED, /* the search ended at the edge of what is plausible */
	STATS_FIT_NO_MEAN,   /* the spread found is so wide that a mean does not exist */
	STATS_FITS
};
extern const char *const stats_fit_names[STATS_FITS];

/* --- leaving by contract: shifted beta-geometric ------------------------------------------------ */

struct stats_sbg {
	double alpha, beta, loglik;
	int64_t n;
	enum stats_fit fit;
};
#define STATS_SBG_TIMES_MAX 1000
/*
 * Customers of one start who renew or leave once a period; who leaves does so with their own constant chance, spread
 * as Beta(alpha, beta).
 *
 *   left  left[0..n_times): how many were there at the start and after 1, 2 ... periods; not rising; 2 to
 *         STATS_SBG_TIMES_MAX
 *
 * STATS_FIT_FEW: fewer than STATS_SBG_MIN customers. STATS_FIT_CONSTANT: nobody left, or all at once.
 * Errors: ERR_INPUT "sbg.counts".
 * Source: Fader and Hardie 2007, J. Interactive Marketing 21, 76-90, doi 10.1002/dir.20074.
 */
#define STATS_SBG_MIN 5
NODISCARD enum err_code stats_sbg_fit(const int64_t *left, size_t n_times, struct stats_sbg *out, struct err *err);
double stats_sbg_retention(const struct stats_sbg *m, int64_t t); /* of those there at t - 1; t >= 1 */
double stats_sbg_survival(const struct stats_sbg *m, int64_t t);  /* S(t), t >= 0 */

/* --- coming back without a contract: BG/NBD ---------------------------------------------------- */

/* One customer, or `weight` alike: times in one unit, from the first purchase on. */
struct stats_buyer {
	double repeats; /* x: purchases after the first; whole, >= 0 */
	double last;    /* t_x: time of the last of them; 0 when there is none */
	double seen;    /* T: time observed; last <= seen, > 0 */
	double weight;  /* > 0 */
};
struct stats_bgnbd {
	double r, alpha; /* how often: Gamma(r, alpha), alpha in units of time */
	double a, b;     /* who drops out after a purchase: Beta(a, b) */
	double loglik;
	double cov[16]; /* of ln r, ln alpha, ln a, ln b; zeros when it is not known */
	int64_t n, repeaters;
	enum stats_fit fit;
};
#define STATS_BGNBD_MIN 200          /* customers */
#define STATS_BGNBD_REPEATERS_MIN 50 /* of them who came back */
/*
 * STATS_FIT_FEW below these numbers; STATS_FIT_CONSTANT when everybody came back on the same terms.
 * Two starts; O(n) for each of some thousand looks: merge equal rows with stats_buyers_merge first.
 * Errors: ERR_INPUT "bgnbd.buyer" names the first impossible row.
 * Source: Fader, Hardie and Lee 2005, Marketing Science 24, 275-284, doi 10.1287/mksc.1040.0098.
 */
NODISCARD enum err_code stats_bgnbd_fit(const struct stats_buyer *rows, size_t n, struct arena *scratch,
                                        struct stats_bgnbd *out, struct err *err);
/* Sorts and adds up rows that are equal; returns how many are left. */
size_t stats_buyers_merge(struct stats_buyer *rows, size_t n);
/* Of a model with STATS_FIT_OK. The chance that a customer still is one: 1 without repeats, as nobody drops out before
 * a repeat. */
double stats_bgnbd_alive(const struct stats_bgnbd *m, const struct stats_buyer *c);
double stats_bgnbd_expected(const struct stats_bgnbd *m, double t);                /* repeats of somebody new until t */
double stats_bgnbd_chance(const struct stats_bgnbd *m, int64_t repeats, double t); /* of exactly so many until t */
double stats_bgnbd_future(const struct stats_bgnbd *m, const struct stats_buyer *c, double t); /* in the t to come */

/* --- what a purchase is worth: Gamma-Gamma ----------------------------------------------------- */

struct stats_spender {
	double repeats; /* x >= 1 */
	double mean;    /* of their amounts, > 0, one currency */
};
struct stats_spend {
	double p, q, v; /* v in units of money */
	double loglik;
	double cov[9];     /* of ln p, ln q, ln v */
	double mean;       /* of everybody: p v / (q - 1) */
	double with_count; /* correlation of repeats and mean: the model takes it for 0; above .3 it misleads */
	int64_t n;
	enum stats_fit fit;
};
#define STATS_SPEND_MIN 50
/*
 * STATS_FIT_FEW below STATS_SPEND_MIN spenders; STATS_FIT_CONSTANT when all spend the same; STATS_FIT_NO_MEAN for q
 * <= 1. Errors: ERR_INPUT "spend.amount". Source: Fader and Hardie 2013, brucehardie.com/notes/025; Colombo and Jiang
 * 1999.
 */
NODISCARD enum err_code stats_spend_fit(const struct stats_spender *rows, size_t n, struct arena *scratch,
                                        struct stats_spend *out, struct err *err);
/* What a purchase of this customer is expected to be worth; repeats 0: what one of everybody is. */
double stats_spend_mean(const struct stats_spend *m, const struct stats_spender *c);

/* --- both: the value to come ----------------------------------------------------------------------- */

struct stats_clv_terms {
	size_t periods;  /* 1 .. STATS_CLV_PERIODS_MAX */
	double length;   /* of a period, in the unit of the buyers' times */
	double discount; /* a period, 0 <= d < 1 */
	double margin;   /* of a unit of money, 0 .. 1 */
};
#define STATS_CLV_PERIODS_MAX 600
/* Sum over periods of margin x expected amount x expected purchases in it, discounted. Both models STATS_FIT_OK. */
double stats_clv(const struct stats_bgnbd *m, const struct stats_spend *s, const struct stats_buyer *c,
                 const struct stats_spender *amount, const struct stats_clv_terms *terms);
/*
 * The value to come of a group and its 95 % interval: parameters drawn from their joint normal (logs), then every
 * customer's rate, staying, purchases and amounts from the model. `draws` >= 20, usually 200. n: customers. A
 * covariance that is not known: STATS_NOT_IDENTIFIED with the estimate kept in `est`.
 * Errors: ERR_INPUT "clv.terms", "clv.model".
 */
NODISCARD enum err_code stats_clv_total(const struct stats_bgnbd *m, const struct stats_spend *s,
                                        const struct stats_buyer *c, const struct stats_spender *amounts, size_t n,
                                        const struct stats_clv_terms *terms, size_t draws, uint64_t seed,
                                        struct arena *scratch, struct stats_estimate *out, struct err *err);

/* What one customer is worth who pays `margin` once a period, stays each time with chance r and is discounted by d:
 * paid at the start or at the end of a period. 0 <= r <= 1, d >= 0, r < 1 + d. */
double stats_clv_retained(double margin, double r, double d, bool at_start);

/* --- groups mixed alike ----------------------------------------------------------------------------- */

struct stats_placed {
	double value;
	uint32_t group, stratum; /* strata hold people who were alike before */
};
/*
 * The mean of each group as it is (raw[n_groups]), and as it would be if every group had everybody's mix of strata
 * (adjusted[n_groups], direct standardisation): stratum by stratum the group's mean, weighted by everybody's share in
 * it. Strata in which some group has fewer than two are left out for all groups; *covered: share of rows in the others.
 * Adjusted: normal 95 %, STATS_NOT_IDENTIFIED when fewer than five rows are left. O(n). Errors: "standardised.row".
 */
NODISCARD enum err_code stats_standardised(const struct stats_placed *rows, size_t n, size_t n_groups, size_t n_strata,
                                           struct arena *scratch, struct stats_estimate *raw,
                                           struct stats_estimate *adjusted, double *covered, struct err *err);

#endif
