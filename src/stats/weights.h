/*
 * Who answered is not who was asked: weights from known totals, weights from
 * the chance of answering, and the score predicted for those who kept silent.
 * docs/methods/weights.md, silent.md.
 */
#ifndef STATS_WEIGHTS_H
#define STATS_WEIGHTS_H

#include "stats/stats.h"

/* --- weights from known totals --------------------------------------------------------------- */

/* (sum w)^2 / sum w^2; 0 for no weight. n over it is the design effect. */
double stats_n_eff(const double *w, size_t n);

/*
 * Weights N_h / n_h of answers in strata of known size, scaled to mean 1.
 *
 *   stratum     of each answer, below n_strata
 *   population  how many people each stratum has, >= 0
 *
 * Errors: ERR_INPUT "weights.empty" when a stratum with people has no answer
 * (merge it with another) or one without people has; "weights.stratum".
 */
NODISCARD enum err_code stats_poststratify(const uint32_t *stratum, size_t n, const double *population, size_t n_strata,
                                           double *w, struct err *err);

/* One way of dividing everybody: the cell of each answer, and what each cell has in the population. */
struct stats_margin {
	const uint32_t *cell;
	const double *target; /* counts or shares; their sum is scaled to that of the weights */
	size_t n_cells;
};
#define STATS_MARGINS_MAX 8
#define STATS_CELLS_MAX 1000
#define STATS_RAKE_ROUNDS 100
#define STATS_TRIM 5.0 /* no weight is more than this many times the mean, or less than the mean over it */
struct stats_raked {
	int rounds;         /* over all margins, in all */
	size_t trimmed;     /* weights that lie on a bound */
	double gap;         /* the largest relative miss of a target that trimming leaves; 0 to 1e-6 without */
	double n_eff, deff; /* of the weights */
};
/*
 * Raking (Deming and Stephan 1940): the weights, which start at w, are scaled
 * to one margin after the other until none moves by more than 1e-8; then
 * trimmed and raked again.
 *
 * Errors: ERR_INPUT "weights.empty" for a cell with a target and no answer, or
 * with answers and target 0; "weights.rake" when it does not settle in
 * STATS_RAKE_ROUNDS rounds: the margins contradict each other.
 */
NODISCARD enum err_code stats_rake(const struct stats_margin *margins, size_t n_margins, size_t n, double *w,
                                   struct stats_raked *out, struct err *err);

/* --- regressions -------------------------------------------------------------------------------- */

/* n rows of p numbers, row after row, all finite; a constant column gets no slope. */
struct stats_matrix {
	const double *x;
	size_t n, p;
};
#define STATS_FEATURES_MAX 50

struct stats_logistic {
	double *beta, *se; /* p + 1 each, the intercept first; se by the inverse Hessian */
	double loglik;
	int rounds;
	bool converged; /* false: separation, or everybody alike */
};
/*
 * Logistic regression by iteratively reweighted least squares with halved
 * steps. `ridge` >= 0 penalises slopes of standardised columns by
 * ridge / 2 times their squares, the intercept not.
 * Errors: ERR_INPUT "regress.columns" (more than STATS_FEATURES_MAX, or not
 * finite), "regress.collinear" without a ridge.
 */
NODISCARD enum err_code stats_logistic(struct stats_matrix m, const uint8_t *y, double ridge, struct arena *a,
                                       struct stats_logistic *out, struct err *err);

struct stats_ridge {
	double *beta; /* p + 1, the intercept first, in the units of the columns */
	double lambda;
	double r2, rmse; /* on answers held out, 5 folds; r2 below 0 is worse than the mean */
	double *cov;     /* (p + 1)^2, of beta with centred columns: see stats_ridge_at */
	double *centre;  /* p */
};
/*
 * Ridge regression of y, its lambda by five-fold cross-validation over a
 * fixed grid; folds by `seed`. Covariance by the sandwich, so that spread may
 * differ with x. Errors as above; "regress.few" for fewer than p + 10 rows.
 */
NODISCARD enum err_code stats_ridge(struct stats_matrix m, const double *y, uint64_t seed, struct arena *a,
                                    struct stats_ridge *out, struct err *err);
/* Prediction at one row, and its variance from the coefficients alone. */
double stats_ridge_at(const struct stats_ridge *r, size_t p, const double *row, double *var);

/* Area under the curve: the chance that a row with y has the higher `score`, ties half. Hanley and McNeil's error. */
void stats_auc(const double *score, const uint8_t *y, size_t n, struct arena *scratch, struct stats_estimate *out);

/* --- who answers ------------------------------------------------------------------------------ */

#define STATS_CALIBRATION_BINS 10
struct stats_propensity {
	int64_t asked, answered;
	struct stats_estimate rate; /* of answering; Wilson */
	struct stats_estimate auc;  /* held out: .5 says that behaviour does not tell who answers */
	struct {
		double predicted, observed;
		int64_t n;
	} bins[STATS_CALIBRATION_BINS]; /* held out, tenths by predicted chance */
	double n_eff, deff;
	size_t trimmed;
	bool identified; /* false: fewer than 30 answered or kept silent, or asked < 10 p; all weights are 1 */
};
#define STATS_RARER_MIN 30
/*
 * Inverse chances of answering, from what is known of everybody asked: w of
 * those who answered has mean 1 and is trimmed as in raking, of others it is 0.
 * Errors: those of stats_logistic.
 */
NODISCARD enum err_code stats_response_weights(struct stats_matrix m, const uint8_t *answered, uint64_t seed,
                                               struct arena *scratch, double *w, struct stats_propensity *out,
                                               struct err *err);

/* --- the silent majority ------------------------------------------------------------------------- */

#define STATS_SILENT_MIN 200 /* answers, and 10 a column */
#define STATS_SILENT_R2 0.05
struct stats_silent {
	int64_t answered, silent;
	struct stats_estimate raw;       /* mean of the answers, as if they stood for all */
	struct stats_estimate predicted; /* of those who did not answer */
	struct stats_estimate everybody; /* answers and predictions together */
	struct stats_propensity response;
	double r2, rmse, lambda; /* held out: shown beside every figure of these */
	double outside;          /* share of the silent with a column beyond all who answered: no part of the figures */
};
/*
 * The score that everybody would have given, had everybody answered.
 *
 *   m         one row for each customer asked: what is known of their behaviour
 *   answered  who did; score is read for those only
 *   lo, hi    ends of the scale: no mean is outside
 *
 * Ridge regression of the answers on behaviour, predicted for the silent and
 * put right by the residuals of those who answered, weighted by their odds of
 * keeping silent: right when either model is. The interval carries the
 * weighted residuals, the coefficients and the silent's own spread.
 * STATS_NOT_IDENTIFIED, without a number, when fewer than STATS_SILENT_MIN
 * answered or r2 < STATS_SILENT_R2: behaviour then says nothing about the
 * score. Silent people beyond what all who answered span are left out of the figures; STATS_EXTRAPOLATED when they are
 * more than one in twenty.
 * It cannot see what moves answering and score but no behaviour.
 */
NODISCARD enum err_code stats_silent(struct stats_matrix m, const uint8_t *answered, const double *score,
                                     struct interval scale, uint64_t seed, struct arena *scratch,
                                     struct stats_silent *out, struct err *err);

#endif
