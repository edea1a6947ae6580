/*
 * Figures by unit of the organisation, rolled up exactly. Method and edge
 * cases: docs/methods/units.md.
 *
 * A unit is a value of a dimension, written as a path: "saudi/riyadh". Every
 * part of a path is a unit, the whole organisation is the one without a path.
 * What is known of a unit and not of any below it is its "(unknown)", so that
 * for events, answers and customers alike
 *
 *     figure of a unit = sum over the units below it + its (unknown)
 *
 * An event and its ratings belong to the unit of the event. A customer
 * belongs to one unit: that of the first event in scope that has one.
 */
#ifndef JOURNEY_UNITS_H
#define JOURNEY_UNITS_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_UNITS_MAX 20000

struct journey_unit {
	struct str path, name; /* "" the whole; of "(unknown)" the path is that of the unit that it is part of */
	size_t parent;         /* place in the list; SIZE_MAX of the whole */
	uint32_t depth;        /* 0 the whole */
	bool unknown;
	int64_t n, customers, answers; /* events, people, ratings */
	struct stats_estimate score;   /* mean utility of the ratings, clustered by customer */
};
struct journey_units {
	struct journey_unit *list; /* a unit stands before those below it; by path, "(unknown)" last */
	size_t n;
};

/* The tree of a dimension's values. Errors: ERR_INPUT when it has no column, ERR_LIMIT above JOURNEY_UNITS_MAX units.
 */
struct journey_units_tree;
NODISCARD enum err_code journey_units_tree(const struct journey_schema *s, struct str dimension, struct arena *a,
                                           struct journey_units_tree **out, struct err *err);

extern const struct journey_pass journey_units_pass; /* `what`: the tree */
/* Units without an event in scope are left out. */
NODISCARD enum err_code journey_units_result(const void *pass, struct arena *a, struct journey_units *out,
                                             struct err *err);

#endif
