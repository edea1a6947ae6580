/* Outcome lift: which activities go with reaching an outcome. Association, not cause. docs/methods/lift.md. */
#ifndef JOURNEY_LIFT_H
#define JOURNEY_LIFT_H

#include "journey/journey.h"
#include "stats/stats.h"

struct journey_lift_query {
	struct str outcome; /* an activity; a case reached it when it has one */
	bool before;        /* only what came before the first outcome counts as met */
	/* Who is behind a figure: the customers with a case that met `name` and did or did not reach the outcome. */
	bool people, reached;
	struct str name;
};

struct journey_lift_row {
	struct str name;
	int64_t cases, reached;                 /* that met it */
	int64_t without_cases, without_reached; /* the others */
	struct stats_estimate rate, diff;       /* of those that met it; theirs - that of the others (Newcombe) */
	double p, p_adjusted; /* of no difference (Pearson); over all rows that have one (Benjamini-Hochberg). 1 where
	                         a side has fewer than five cases: diff is suppressed then */
};
struct journey_lift {
	int64_t cases, reached;
	struct stats_estimate rate;
	struct journey_lift_row *touchpoints; /* every activity met but the outcome; by falling difference, then name;
	                                         suppressed ones last */
	size_t n_touchpoints;
};

/* Compiles; lives in the arena, borrows q and p. ERR_INPUT for a name that no activity has. */
struct journey_lift_plan;
NODISCARD enum err_code journey_lift_plan(const struct journey_plan *p, const struct journey_lift_query *q,
                                          struct arena *a, struct journey_lift_plan **out, struct err *err);
extern const struct journey_pass journey_lift_pass; /* O(rows) */
NODISCARD enum err_code journey_lift_result(const void *pass, struct arena *a, struct journey_lift *out,
                                            struct err *err);
const struct journey_set *journey_lift_people(const void *pass);

#endif
