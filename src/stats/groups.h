/*
 * Kinds of customers: fifths of recency, frequency and money, and groups
 * found in rows of figures. docs/methods/personas.md.
 */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include "stats/weights.h"

/* Fifth of each value, 1 (least) to 5, by average rank: equal values have one fifth. With n = 1 it is 3. O(n log n).
 * Errors: "fifths.value" for what is no number. */
NODISCARD enum err_code stats_fifths(const double *x, size_t n, struct arena *scratch, uint8_t *out, struct err *err);

/* Agreement of two groupings, 1 the same, about 0 by chance (Hubert and Arabie 1985). Both with one group each, or
 * fewer than 2 rows: 1. Labels below 2^16. */
NODISCARD enum err_code stats_adjusted_rand(const uint32_t *a, const uint32_t *b, size_t n, struct arena *scratch,
                                            double *out, struct err *err);

#define STATS_GROUPS_MAX 12
struct stats_grouping {
	size_t k;
	uint32_t *of;      /* [n]: group of each row, by falling size */
	double *centre;    /* [k x p] */
	size_t *medoid;    /* [k]: the row that stands for it; NULL for means */
	int64_t *size;     /* [k] */
	double within;     /* sum of squared distances to the centre; of medoids: mean distance */
	double silhouette; /* mean, -1 .. 1 */
};
/*
 * k groups of rows by least squared distance to their means: Lloyd's rounds from `starts` starts by k-means++, best
 * kept. 1 <= k <= STATS_GROUPS_MAX. k above the number of different rows gives fewer groups. Silhouette: exact up to
 * STATS_SILHOUETTE_ROWS rows, else against the centres. O(starts n k p rounds).
 * Errors: "groups.k", "regress.columns".
 */
#define STATS_SILHOUETTE_ROWS 2000
NODISCARD enum err_code stats_means(struct stats_matrix m, size_t k, size_t starts, uint64_t seed, struct arena *a,
                                    struct stats_grouping *out, struct err *err);
/* The same round rows that stand for their group, by sum of plain distances: build and swap (Kaufman and Rousseeuw
 * 1990). At most STATS_MEDOID_ROWS rows: the distances are kept. O(k n^2 swaps). */
#define STATS_MEDOID_ROWS 3000
NODISCARD enum err_code stats_medoids(struct stats_matrix m, size_t k, struct arena *a, struct stats_grouping *out,
                                      struct err *err);

enum stats_kinds_state {
	STATS_KINDS_OK,
	STATS_KINDS_FEW,      /* fewer rows than STATS_KINDS_MIN */
	STATS_KINDS_CONSTANT, /* all alike */
	STATS_KINDS_NONE,     /* no clear groups */
	STATS_KINDS_STATES
};
extern const char *const stats_kinds_state_names[STATS_KINDS_STATES];
#define STATS_KINDS_MIN 100
#define STATS_KINDS_SILHOUETTE 0.25
#define STATS_KINDS_STABLE 0.75
#define STATS_KINDS_SHARE 0.03
#define STATS_KINDS_K_MAX 8
struct stats_kinds {
	enum stats_kinds_state state;
	struct stats_grouping best; /* with STATS_KINDS_OK only; above 1,000 rows found in a sample of them, the
	                               silhouette is that of the sample */
	double *stability;          /* [k]: mean Jaccard over bootstraps */
	struct {
		double silhouette; /* of k = 2 .. 8 */
		double shuffled;   /* the highest of the same on columns shuffled apart */
		double stability;  /* of its least stable group; 0: not looked at */
		double least;      /* share of the smallest group */
	} tried[STATS_KINDS_K_MAX + 1];
};
/*
 * Whether rows fall into kinds, and into which: columns as stats_kinds_prepare leaves them; k = 2 .. 8 by silhouette,
 * the best that has every group at STATS_KINDS_SHARE of the rows, a silhouette of STATS_KINDS_SILHOUETTE and above that
 * of the same columns shuffled apart (which keeps each column and takes away what binds them), and every group's mean
 * Jaccard over bootstraps at STATS_KINDS_STABLE. Else STATS_KINDS_NONE. By seed.
 */
NODISCARD enum err_code stats_kinds(struct stats_matrix m, uint64_t seed, struct arena *a, struct stats_kinds *out,
                                    struct err *err);
/* In place: log(1 + x) of a column that has no negative value and a skew above 1, cut at its 1 % and 99 % points, then
 * mean 0 and sd 1; a constant column becomes 0. */
NODISCARD enum err_code stats_kinds_prepare(double *x, size_t n, size_t p, struct arena *scratch, struct err *err);

#endif
