/*
 * Hand-overs: two neighbouring events of a case on different channels.
 * Method and edge cases: docs/methods/handovers.md.
 *
 * An event without a known channel, and one that only talks about another
 * event (its rating, sentiment or comment names one, or the whole case), are
 * passed over: an unknown channel is not another channel, and an answer to a
 * survey is no step. Time is from the one event to the other.
 *
 * Before: the last rating that stands at or before the first of the two
 * events; after: the first that stands at or after the second. A rating
 * stands at the event that it speaks of; one about the whole case, or about
 * an event outside of it, stands nowhere.
 */
#ifndef JOURNEY_HANDOVERS_H
#define JOURNEY_HANDOVERS_H

#include "journey/journey.h"
#include "stats/stats.h"

struct journey_handover {
	struct str from, to; /* channels, never "" and never equal */
	int64_t count, customers;
	int64_t ended; /* the case has no step after the second event */
	struct journey_times times;
	struct stats_estimate before, after; /* mean utility, clustered by customer */
	struct stats_estimate diff;          /* after - before of hand-overs that have both: paired */
};
struct journey_handovers {
	int64_t cases, crossing;       /* in scope; with a hand-over */
	struct journey_handover *list; /* by falling count, then names */
	size_t n;
};

extern const struct journey_pass journey_handovers_pass; /* asks nothing of `what` */
NODISCARD enum err_code journey_handovers_result(const void *pass, struct arena *a, struct journey_handovers *out,
                                                 struct err *err);

/* The people of one: a pass of its own, because a hand-over looks at more than a case's activities. */
struct journey_handover_figure {
	struct str from, to;
};
extern const struct journey_pass journey_handover_people_pass; /* `what`: a struct journey_handover_figure */
NODISCARD enum err_code journey_handover_people(const void *pass, const struct journey_set **out, struct err *err);

#endif
