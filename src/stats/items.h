/*
 * Questionnaires of several items: Kano, SERVQUAL, the expectation gap,
 * scales and whether their items belong together. docs/methods/items.md.
 * In tables of answers NaN is "not answered".
 */
#ifndef STATS_ITEMS_H
#define STATS_ITEMS_H

#include "stats/stats.h"

/* --- Kano ---------------------------------------------------------------------------------- */

enum stats_kano_answer {
	STATS_KANO_LIKE,
	STATS_KANO_MUST_BE,
	STATS_KANO_NEUTRAL,
	STATS_KANO_LIVE_WITH,
	STATS_KANO_DISLIKE,
	STATS_KANO_NO_ANSWER
};
/* In the order in which ties are decided: what would hurt most to lack, first. */
enum stats_kano_sort {
	STATS_KANO_M, /* must-be */
	STATS_KANO_O, /* one-dimensional */
	STATS_KANO_A, /* attractive */
	STATS_KANO_I, /* indifferent */
	STATS_KANO_R, /* reverse */
	STATS_KANO_Q, /* questionable */
	STATS_KANO_SORTS
};
extern const char stats_kano_letters[STATS_KANO_SORTS + 1]; /* "MOAIRQ" */

struct stats_kano_pair {
	uint8_t with, without; /* enum stats_kano_answer: how it is with the feature, and without */
};
/* Evaluation table of Kano et al. 1984; both must be answers. */
enum stats_kano_sort stats_kano_sort(struct stats_kano_pair p);

struct stats_kano {
	int64_t counts[STATS_KANO_SORTS], n;
	enum stats_kano_sort sort;           /* the commonest; of no meaning when n = 0 */
	bool clear;                          /* Fong's test: ahead of the next by more than chance */
	double ahead, needed;                /* answers between the two, and what Fong asks for */
	struct stats_estimate better, worse; /* (A+O)/(A+O+M+I) and -(O+M)/(A+O+M+I), Wilson */
};
/*
 * pairs[respondent * n_features + feature]. Respondents of whose answers more
 * than a quarter are Q did not understand the questions and are left out
 * (`discarded`). Errors: ERR_INPUT "kano.answer" for a value that is none.
 */
NODISCARD enum err_code stats_kano(const struct stats_kano_pair *pairs, size_t n_respondents, size_t n_features,
                                   struct stats_kano *out, int64_t *discarded, struct err *err);

/* --- expectation and experience --------------------------------------------------------------- */

struct stats_gap {
	struct stats_estimate gap;                   /* experienced - expected, paired */
	struct stats_estimate expected, experienced; /* of those who answered both */
	double p, corr;                              /* corr 0 when corr_known is false: no spread on a side */
	bool corr_known;
};
/* Of the same people; a pair with a NaN is left out. `scale` is that of both answers, {0, 0} where it has no ends.
 * Errors: ERR_INPUT for what is infinite. */
NODISCARD enum err_code stats_gap(const double *expected, const double *experienced, size_t n, struct interval scale,
                                  struct stats_gap *out, struct err *err);
/* Reliability of a difference of two scales from theirs and their correlation (< 1): ((ee + pp) / 2 - ep) / (1 - ep).
 */
double stats_gap_reliability(double ee, double pp, double ep);

#define STATS_SERVQUAL_DIMENSIONS 5
extern const char *const stats_servqual_names[STATS_SERVQUAL_DIMENSIONS];
extern const double stats_servqual_weights[STATS_SERVQUAL_DIMENSIONS]; /* Zeithaml et al. 1990 */
extern const int stats_servqual_items[STATS_SERVQUAL_DIMENSIONS];      /* 4 5 4 4 5 */

/* Answers of n people to n_items items, each of one of n_dimensions. */
struct stats_servqual_in {
	const double *expected, *perceived; /* [person * n_items + item] */
	const uint8_t *dimension;           /* of each item */
	const double *weights;              /* of dimensions, positive, any sum; NULL: all alike */
	size_t n, n_items, n_dimensions;
	struct interval scale; /* of all answers; {0, 0}: no ends known */
};
struct stats_servqual {
	struct stats_gap *dimensions;               /* n_dimensions, in the arena */
	struct stats_estimate unweighted, weighted; /* mean of the dimensions' gaps, of people with all of them */
	double p_unweighted, p_weighted;
};
/* SERVQUAL gaps: item gaps averaged within each person and dimension, then paired t over people. */
NODISCARD enum err_code stats_servqual(const struct stats_servqual_in *in, struct arena *a, struct stats_servqual *out,
                                       struct err *err);

/* --- scales of several items ------------------------------------------------------------------- */

/*
 * Cronbach's alpha of n people's answers to k items, x[person * k + item],
 * with Feldt's F interval; rows with a NaN are left out. One item, fewer than
 * two rows or no spread of the sums: STATS_NOT_IDENTIFIED.
 */
NODISCARD enum err_code stats_alpha(const double *x, size_t n, size_t k, struct stats_estimate *out, struct err *err);

#define STATS_ALPHA_FAIR 0.7
struct stats_scale_score {
	struct stats_estimate score; /* 0..100: mean of each person's items, Student's t */
	struct stats_estimate alpha;
	bool consistent; /* alpha is known and at least STATS_ALPHA_FAIR */
};
/* The five engagement levels and like scales: items on lo..hi; people who answered at least half of the items count.
 * Errors: ERR_INPUT "score.range" for an answer outside. */
NODISCARD enum err_code stats_scale_score(const double *x, size_t n, size_t k, struct interval scale,
                                          struct stats_scale_score *out, struct err *err);

#endif
