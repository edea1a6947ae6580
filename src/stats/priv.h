/* Shared by the files of stats/. */
#ifndef STATS_PRIV_H
#define STATS_PRIV_H

#include <float.h>

#include "stats/stats.h"

/* Square and add: limits of a - b from the limits of both (Donner and Zou 2012 call it MOVER). */
struct interval mover(double a, struct interval ia, double b, struct interval ib);

/* ERR_INPUT "stats.level" unless it is one; z: the normal quantile of both tails. */
enum err_code wrong_how(enum stats_how how, const char *of_what, struct err *err);
/* Wilson's limits of a share p of n > 0 answers, which need not be whole. */
struct interval wilson_of(double p, double n, double z);
/* Type 7. n >= 1. */
double sorted_quantile(const double *sorted, size_t n, double q);
NODISCARD enum err_code level_z(double level, double *z, struct err *err);

/* Weights cut to within STATS_TRIM times their mean, and its inverse; how many lay outside. */
size_t trim(double *w, size_t n);

/* The factor of a symmetric positive matrix, in its lower triangle; false when it is not one, or nearly so. */
NODISCARD bool cholesky(double *a, size_t p);
void cholesky_solve(const double *l, size_t p, double *b); /* b becomes the solution */
NODISCARD bool cholesky_inverse(const double *l, size_t p, struct arena *scratch, double *out);

/*
 * The least value of f in a box, lo <= x[j] <= hi, by Nelder and Mead's simplex, begun anew where it closed until that
 * gains nothing. False: it did not settle, or lies at the edge of the box. h (p x p, may be NULL): second differences.
 */
#define STATS_MINIMISE_MAX 4
struct minimise {
	double (*f)(const void *ctx, const double *x); /* any value; one that is no number counts as the worst */
	const void *ctx;
	size_t p; /* 1 to STATS_MINIMISE_MAX */
	double lo, hi;
};
NODISCARD bool minimise(const struct minimise *m, const double *start, double *x, double *least, double *h);

/* The covariance of what was found by a least minus log likelihood, from its second differences (which are used up);
 * all zeros when they are none of a least point. */
void inverse_of_curvature(double *h, size_t p, struct arena *scratch, double *cov);

/* Gamma(shape, 1), shape > 0, by Marsaglia and Tsang 2000, doi 10.1145/358407.358414; below shape 1 by the next one. */
double draw_gamma(struct rng *r, double shape);

NODISCARD enum err_code stays_checked(const struct stats_stay *rows, size_t n, struct err *err);

NODISCARD enum err_code check_matrix(struct stats_matrix m, struct err *err);
/* Mean and standard deviation of each column over the rows taken (NULL: all); sd 0 marks a constant one. */
void scale_columns(struct stats_matrix m, const uint8_t *taken, double *mean, double *sd);
/* Each row's fold, equal in size, dealt at random. */
void deal_folds(size_t n, size_t folds, uint64_t seed, uint8_t *fold);

#endif
