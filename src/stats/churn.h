/*
 * Who is likely to leave: how good a foretold chance is, and which columns
 * made it. docs/methods/churn.md. The model itself is stats_logistic.
 */
#ifndef STATS_CHURN_H
#define STATS_CHURN_H

#include "stats/weights.h"

/* Chances foretold for rows whose end is known. */
struct stats_judged {
	struct stats_estimate rate; /* of those with y; Wilson */
	struct stats_estimate auc;
	double brier;     /* mean squared error of the chance */
	double precision; /* average precision; its chance level is the rate */
	double lift;      /* share with y among the tenth with the highest chance, over the rate */
	double slope;     /* of y on the log odds foretold: 1 is right, below 1 is too sure; 0: not known */
	struct {
		double predicted;
		struct stats_estimate observed; /* Wilson */
	} bins[STATS_CALIBRATION_BINS];         /* tenths by chance; n 0 when there are too few rows */
	bool known;                             /* both ends occur; else only rate is */
};
/* p in [0, 1]. Ties in p share what they stand for. O(n log n). Errors: "churn.chance". */
NODISCARD enum err_code stats_judge(const double *p, const uint8_t *y, size_t n, struct arena *scratch,
                                    struct stats_judged *out, struct err *err);

/* The chance that a fit gives to a row of p columns. */
double stats_logistic_at(const struct stats_logistic *m, size_t p, const double *row);

/* The chances of every row from fits to the other folds. 2 <= folds <= 20, dealt by seed, each with its share of y.
 * Errors: those of stats_logistic. */
NODISCARD enum err_code stats_logistic_held(struct stats_matrix m, const uint8_t *y, double ridge, size_t folds,
                                            uint64_t seed, struct arena *scratch, double *out, struct err *err);

struct stats_reason {
	size_t column;
	double by; /* log odds above what the column's mean gives */
};
/* The columns that move a row's chance most, by falling size; returns how many, at most `max`. Those of 0 are left
 * out. */
size_t stats_reasons(const struct stats_logistic *m, size_t p, const double *mean, const double *row,
                     struct stats_reason *out, size_t max);

#endif
