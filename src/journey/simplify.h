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
 *
 * Who asks for no share gets what can be read at first sight: few activities,
 * and a share of edges that draws few of them. The view says which shares
 * these are, so that asking for them gives the same graph.
 */
#ifndef JOURNEY_SIMPLIFY_H
#define JOURNEY_SIMPLIFY_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_VIEW_MAX 30 /* activities; more cannot be read */

#define JOURNEY_AT_SIGHT (-1.0) /* in place of a share: as much as can be read at first sight */
#define JOURNEY_SIGHT_ACTIVITIES 15
#define JOURNEY_SIGHT_EDGES 36  /* more only where the ways of the activities need more */
#define JOURNEY_SIGHT_SHARE 0.8 /* of the successions: what is beyond is not asked for, even if it had room */

struct journey_simplify { /* the question's own part; both 0..1 or JOURNEY_AT_SIGHT */
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
	struct journey_simplify shares; /* as asked for, or those that can be read at first sight */
	int64_t cases, customers;       /* of the graph: starts and ends sum up to cases */
	int64_t variants;               /* of the cases of the graph */
};

/*
 * In two passes. The first counts each activity of the log; the second is a
 * struct journey_flow with edges and variants over the plan that sees the
 * kept activities only.
 */
struct journey_visits;
extern const struct journey_pass journey_visits_pass; /* makes a struct journey_visits; asks nothing of `what` */

/* What the first pass found: every activity, by falling cases, then events, then name; without starts and ends. The
 * same for every share, so it can be kept as long as the log stays as it is. */
struct journey_activities {
	struct journey_view_activity *list;
	size_t n;
	uint32_t n_codes;
	int64_t events, cases;
};
NODISCARD enum err_code journey_visits_list(const struct journey_visits *v, struct arena *a,
                                            struct journey_activities *out, struct err *err);

struct journey_choice {
	struct journey_view_activity *kept; /* without starts, ends and their arcs */
	size_t n_kept;
	const uint8_t *keep;               /* [code]; NULL when all are kept */
	int64_t activities, events, cases; /* of the log */
};
/* Errors: ERR_INPUT for a share outside 0..1. At least one activity is kept when there is any. */
NODISCARD enum err_code journey_choose(const struct journey_activities *all, const struct journey_simplify *what,
                                       struct arena *a, struct journey_choice *out, struct err *err);
/* The plan with the same cases, each without the rows whose code is not kept. Borrows keep; NULL keeps all. */
NODISCARD enum err_code journey_plan_keep(const struct journey_plan *p, const uint8_t *keep, struct arena *a,
                                          struct journey_plan **out, struct err *err);
/* g: the graph over that plan. */
NODISCARD enum err_code journey_view(const struct journey_choice *c, const struct journey_dfg *g,
                                     const struct journey_simplify *what, struct arena *a, struct journey_view *out,
                                     struct err *err);

#endif
