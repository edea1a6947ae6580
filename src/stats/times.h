/*
 * How long customers stay: from rows of single customers, some still there
 * when last seen. docs/methods/staying.md. Counts of periods: stats_survival.
 */
#ifndef STATS_TIMES_H
#define STATS_TIMES_H

#include "stats/weights.h"

/* One customer. Seen from `from` (usually 0) until `until`; gone at that moment, or still there. */
struct stats_stay {
	double from, until; /* 0 <= from < until */
	uint32_t group;     /* for stats_logrank */
	bool gone;
};

struct stats_life_point {
	double time; /* somebody left at it */
	int64_t at_risk, gone;
	struct stats_estimate left; /* S(time), Kaplan and Meier */
};
struct stats_median { /* a side that the data do not reach is INFINITY */
	double est, lo, hi;
};
struct stats_life {
	struct stats_life_point *points;
	size_t n_points;
	int64_t customers, gone;
	struct stats_median median;   /* first time with S <= .5; exactly .5 over a stretch: its middle. Limits: of S */
	struct stats_estimate within; /* mean time within the horizon; horizon <= 0: up to the last one seen */
	double horizon;
};
/*
 * The share left at each time somebody left, its median, and the mean time spent within `horizon`.
 * Fewer than five customers: the points and the mean are suppressed, the median is INFINITY throughout.
 * O(n log n). Errors: ERR_INPUT "stay.time" names the first impossible row.
 */
NODISCARD enum err_code stats_life(const struct stats_stay *rows, size_t n, double horizon, struct arena *a,
                                   struct stats_life *out, struct err *err);
/* S at a time: of the last point not after it; 1 before the first. */
double stats_life_at(const struct stats_life *l, double time);

struct stats_logrank {
	double chi2, p;
	int df; /* 0: fewer than two groups have anybody at risk, or nobody left; chi2 0, p 1 */
	struct {
		int64_t customers, gone;
		double expected;
	} * groups;
};
#define STATS_LOGRANK_GROUPS_MAX 50
/* Whether groups stay equally long (Mantel 1966). group < n_groups <= STATS_LOGRANK_GROUPS_MAX. Errors: "stay.time",
 * "stay.group". */
NODISCARD enum err_code stats_logrank(const struct stats_stay *rows, size_t n, size_t n_groups, struct arena *a,
                                      struct stats_logrank *out, struct err *err);

enum stats_cox_state {
	STATS_COX_OK,
	STATS_COX_NOBODY,    /* nobody left */
	STATS_COX_FEW,       /* fewer than five who left for each column */
	STATS_COX_COLLINEAR, /* columns explain each other */
	STATS_COX_SEPARATED, /* a column tells wholly who leaves first: its effect has no end */
	STATS_COX_STATES
};
extern const char *const stats_cox_state_names[STATS_COX_STATES];
struct stats_cox {
	double *beta,
	        *se; /* [p]; exp(beta): how many times as soon for one more of the column; a constant one has 0, 0 */
	double loglik_null, loglik;
	int64_t n, gone;
	int rounds;
	enum stats_cox_state state; /* no numbers but with STATS_COX_OK */
};
/*
 * Proportional hazards (Cox 1972), ties by Efron 1977; Newton's steps, halved where they do not help. rows[i] goes with
 * row i of m; everybody is seen from 0. O(n log n + rounds n p^2). Errors: those of stats_logistic, "stay.time",
 * "cox.entry" when somebody is not seen from 0.
 */
NODISCARD enum err_code stats_cox(struct stats_matrix m, const struct stats_stay *rows, struct arena *a,
                                  struct stats_cox *out, struct err *err);

#endif
