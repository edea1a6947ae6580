/*
 * Statistics. Pure; each method has a page in docs/methods/ with formula,
 * source, edge cases and what it was checked against. A NaN never leaves
 * this module: a reason does (an error, or a flag of the estimate).
 */
#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <stdint.h>

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
};
enum stats_method { STATS_WILSON, STATS_MEAN_T, STATS_MEAN_CLUSTER, STATS_DIFF_CLUSTER, STATS_EB_NORMAL, STATS_QUANTILE_ORDER, STATS_NPS_SCORE, STATS_NEWCOMBE, STATS_METHODS };
extern const char *const stats_method_names[STATS_METHODS];

struct stats_estimate {
	double est, lo, hi;
	double level;     /* 0.95 */
	double lo80, hi80;
	int64_t n;        /* answers */
	double n_eff;
	enum stats_method method;
	unsigned flags;   /* enum stats_flag */
};

struct interval { double low, high; };

#define STATS_Z95 1.959963984540054
#define STATS_Z80 1.281551565544600

#endif
