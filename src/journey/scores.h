/*
 * Scores by activity and value of a dimension: how often each was met, what
 * people answered about it, and how sure that is. Method:
 * docs/methods/scores_by.md.
 *
 * An answer is a rating; it belongs to the event that it speaks of (`about`,
 * docs/methods/journey.md), with that event's value. Those about the whole
 * case, or about an event that is nowhere, belong to no row.
 */
#ifndef JOURNEY_SCORES_H
#define JOURNEY_SCORES_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_SCORES_CELLS_MAX 1000000 /* activities x values */

struct journey_scores_query {
	struct str by; /* a dimension, "event" and "channel" too; "" none */
	double low;    /* utilities below this are low */
	bool people;   /* collect who answered about (name, value) */
	struct str name, value;
};

struct journey_scores_row {
	struct str name;            /* touchpoint key or "(other)" with rules, event name without */
	struct str value;           /* "" has none, or no dimension was asked for */
	int64_t n;                  /* events */
	int64_t answers, customers; /* customers: who answered */
	double mean, sd; /* of scores as given; sd with n - 1. NaN: several scales, or fewer than 5 answers */
	struct stats_estimate low_share; /* answers with a utility below `low`: Wilson */
	struct stats_estimate score;     /* mean utility, 0..100, clustered by customer */
};

struct journey_scores {
	struct journey_scores_row *rows; /* by falling n, then name, then value; those that were met */
	size_t n_rows;
};

/*
 * One look at the code and the value of each row, and one at each answer.
 *
 * Errors: ERR_INPUT when the dimension is unknown, or the name of a person's
 * figure; ERR_LIMIT above JOURNEY_SCORES_CELLS_MAX.
 */
struct journey_scores_plan;
NODISCARD enum err_code journey_scores_plan(const struct journey_plan *p, const struct journey_scores_query *q,
                                            struct arena *a, struct journey_scores_plan **out, struct err *err);
extern const struct journey_pass journey_scores_pass; /* `what`: a struct journey_scores_plan */
NODISCARD enum err_code journey_scores_result(const void *pass, struct arena *a, struct journey_scores *out,
                                              struct err *err);
/* With `people`; the set is the pass's. */
const struct journey_set *journey_scores_people(const void *pass);

#endif
