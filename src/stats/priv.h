/* Shared by the files of stats/. */
#ifndef STATS_PRIV_H
#define STATS_PRIV_H

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

NODISCARD enum err_code check_matrix(struct stats_matrix m, struct err *err);
/* Mean and standard deviation of each column over the rows taken (NULL: all); sd 0 marks a constant one. */
void scale_columns(struct stats_matrix m, const uint8_t *taken, double *mean, double *sd);
/* Each row's fold of five, equal in size, dealt at random. */
void deal_folds(size_t n, uint64_t seed, uint8_t *fold);

#endif
