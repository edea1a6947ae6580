/*
 * When did a row of figures change its level? One change, by days.
 * docs/methods/lead.md.
 */
#ifndef STATS_CHANGE_H
#define STATS_CHANGE_H

#include "stats/stats.h"

/* One day. For means: n answers, their sum and sum of squares. For rates: n what was exposed, sum how many happened. */
struct stats_day {
	int64_t day; /* ascending, each once */
	double n, sum, squares;
};

struct stats_change {
	struct stats_estimate at; /* the first day of the new level; n: answers, or what happened */
	double before, after;     /* means, or rates */
	double p;                 /* of no change at all: Kolmogorov */
};

#define STATS_CHANGE_SIDE 0.05 /* of all answers, or exposure, at least on each side, ... */
#define STATS_CHANGE_MIN 10    /* ... and so many answers; for rates so many happened in all */

/*
 * The change of a mean: the day that leaves the least squares, and as its
 * interval the days whose likelihood ratio against it is at most 7.35
 * (4.50 for 80 %; Hansen 2000). p by the largest cumulative sum of deviations
 * over sd sqrt(n). Answers are taken for independent.
 * STATS_NOT_IDENTIFIED, p = 1: fewer than twice STATS_CHANGE_MIN answers, no
 * spread, or no day that leaves enough on both sides.
 * Errors: ERR_INPUT for days out of order or numbers that are not finite.
 */
NODISCARD enum err_code stats_change_mean(const struct stats_day *days, size_t n, struct stats_change *out,
                                          struct err *err);
/* The same for a rate of what happens by exposure, with Poisson's likelihood; p as if nothing but exposure mattered. */
NODISCARD enum err_code stats_change_rate(const struct stats_day *days, size_t n, struct stats_change *out,
                                          struct err *err);
/* Days from `first` to `then`, by square and add of both intervals. Not identified when one of them is not. */
void stats_change_lead(const struct stats_change *first, const struct stats_change *then, struct stats_estimate *out);

#endif
