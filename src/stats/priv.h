/* Shared by the files of stats/. */
#ifndef STATS_PRIV_H
#define STATS_PRIV_H

#include "stats/stats.h"

/* Square and add: limits of a - b from the limits of both (Donner and Zou 2012 call it MOVER). */
struct interval mover(double a, struct interval ia, double b, struct interval ib);

/* ERR_INPUT "stats.level" unless it is one; z: the normal quantile of both tails. */
enum err_code wrong_how(enum stats_how how, const char *of_what, struct err *err);
/* Type 7. n >= 1. */
double sorted_quantile(const double *sorted, size_t n, double q);
NODISCARD enum err_code level_z(double level, double *z, struct err *err);

#endif
