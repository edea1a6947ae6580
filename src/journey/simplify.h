/*
 * The simplified graph: what is left to draw when a log holds too much to
 * see, by two shares. Method: docs/methods/flow.md.
 *
 * First activities: those with most cases (then events, then by name) until
 * they hold `activities` of all events, at most JOURNEY_VIEW_MAX. The rows
 * of the others are taken out of each case and the graph is counted anew
 * over what remains: a succession that only the rows left out had parted is
 * a succession now. A case without a row left is no case of the graph; it is
 * told as the difference of cases and of_cases.
 *
 * Then edges, by falling count (then names) until they hold `edges` of all
 * successions, and the same for the arcs from the start and to the end, by
 * their own sums. To that come each activity's strongest way in and out, and
 * for each activity that no way from start to end runs through, the way
 * whose weakest part is strongest.
 */
#ifndef JOURNEY_SIMPLIFY_H
#define JOURNEY_SIMPLIFY_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_VIEW_MAX 30 /* activities; more cannot be read */

struct journey_simplify { /* the question's own part; both 0..1 */
	double activities, edges;
};

struct journey_view_activity {
	struct str name;
	struct str label;            /* what the reader sees: empty until the caller knows better than `name` */
	struct str stage;            /* key of its stage on the map, "" without a map; the caller fills it */
	uint32_t code;               /* touchpoint, or event without rules; 0: on no touchpoint */
	int64_t count;               /* events */
	int64_t customers;           /* with such an event */
	int64_t cases;               /* with such an event */
	int64_t starts;              /* cases of the graph that begin here */
	int64_t ends;                /* that end here */
	bool start_kept;             /* the arc from the start is one of those to draw */
	bool end_kept;               /* the arc to the end */
	struct stats_estimate score; /* mean utility of the ratings that speak of it, clustered by customer */
};

struct journey_view_edge {
	uint32_t from, to; /* places in activities; equal for a self loop */
	int64_t count, customers;
	double mean_ms, p50_ms, p90_ms;
};

/* Of each pair the first is drawn, the second is all. */
struct journey_view_kept {
	int64_t activities, of_activities;
	int64_t events, of_events;         /* of the activities kept, of the log */
	int64_t cases, of_cases;           /* with a row left, in scope */
	int64_t edges, of_edges;           /* different ones; of the graph counted anew */
	int64_t edge_count, of_edge_count; /* successions; of_edge_count = events - cases */
};

struct journey_view {
	struct journey_view_activity *activities; /* by falling cases, then events, then name */
	size_t n_activities;                      /* <= JOURNEY_VIEW_MAX */
	struct journey_view_edge *edges;          /* by falling count, then names */
	size_t n_edges;
	struct journey_view_kept kept;
	int64_t cases, customers; /* of the graph: starts and ends sum up to cases */
	int64_t variants;         /* of the cases of the graph */
};

#endif
