/*
 * The journey engine: questions over event columns, as plain values in and
 * plain values out. Pure. index/ fills the columns; ask/ calls the engine.
 *
 * Rules that any back end must follow (docs/methods/journey.md, examples there):
 *   order        (at_ms, arrival) within one customer
 *   scope        [from_ms, to_ms), half open
 *   instance     what one customer goes through; cut by key, gap or goal; never crosses customers
 *   entered S    the instance holds an event of step S
 *   advanced     it holds an event of any later step in the map's order (wherever in time)
 *   goal         S is the last step: entering it reaches the goal
 *   still in     neither, and the instance's last event is younger than the gap at the snapshot's newest event
 *   lost         the rest. So every instance ends at exactly one step, its furthest, and
 *                entered = advanced + goal + lost + still in for each step and in sum
 */
#ifndef JOURNEY_JOURNEY_H
#define JOURNEY_JOURNEY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* --- the question ------------------------------------------------------------------------- */

#define JOURNEY_STEPS_MAX 64       /* columns of a map */
#define JOURNEY_TOUCHPOINTS_MAX 500
#define JOURNEY_FILTERS_MAX 8
#define JOURNEY_CONDITIONS_MAX 4

enum journey_op { JOURNEY_IS, JOURNEY_IS_NOT };

struct journey_filter {
	struct str dimension; /* "channel", "source", "event", "unit", "environment" or a declared property */
	struct str value;     /* "" = has none ("unknown") */
	enum journey_op op;
};

/* One rule of a touchpoint; all that is given must hold. */
struct journey_rule {
	uint16_t touchpoint;  /* 1-based code */
	struct str event;     /* exact event name; "" any */
	struct str channel;   /* "" any */
	struct journey_filter conditions[JOURNEY_CONDITIONS_MAX];
	size_t n_conditions;
};

struct journey_touchpoint {
	struct str key;
	uint16_t step; /* its column, from 0, in the map's order; several touchpoints of one step are branches of it */
};

/* A compiled map version. The first matching rule decides; what none matches has code 0, "other". */
struct journey_rules {
	uint64_t version_hash; /* same hash, same rules: the key of the cache of touchpoint codes */
	const struct journey_touchpoint *touchpoints; /* code c is touchpoints[c - 1] */
	size_t n_touchpoints, n_steps;
	const struct journey_rule *rules;
	size_t n_rules;
};

enum journey_cut { JOURNEY_CUT_CUSTOMER, JOURNEY_CUT_KEY, JOURNEY_CUT_GAP };

struct journey_instance_rule {
	enum journey_cut cut;
	struct str key;       /* CUT_KEY: the property, usually "journey"; rows without it join the open instance, else form none */
	int64_t gap_ms;       /* CUT_GAP: a silence longer than this starts a new instance. Also the age of "still in" for every cut; > 0 */
	bool ends_at_goal;    /* the first event of the last step ends the instance */
};

enum journey_case { JOURNEY_BY_CUSTOMER, JOURNEY_BY_INSTANCE };

struct journey_query {
	int64_t from_ms, to_ms; /* [from, to); INT64_MIN, INT64_MAX when open */
	enum journey_case by;
	struct journey_instance_rule instance;
	const struct journey_rules *rules; /* NULL: every event name is an activity */
	struct journey_filter filters[JOURNEY_FILTERS_MAX]; /* rows that do not fit are not seen. A time scope takes
	                                                       instances by their first row, whole; customers row by row */
	size_t n_filters;
};

/* --- flow between activities ------------------------------------------------------------------ */

struct journey_activity {
	struct str name;
	int64_t count, customers;
};
struct journey_edge {
	uint32_t from, to; /* places in activities */
	int64_t count, customers;
	double mean_ms, p50_ms, p90_ms;
};
struct journey_dfg {
	int64_t events, customers, cases, variants; /* cases = customers, or instances */
	struct journey_activity *activities; /* by falling count, then name */
	size_t n_activities;
	struct journey_edge *edges; /* by falling count, then names */
	size_t n_edges;
	int64_t *starts, *ends; /* one for each activity; both sum to cases */
};

struct journey_variant {
	const uint32_t *steps; /* places in activities */
	size_t n_steps;
	int64_t count;
};
struct journey_variants {
	int64_t variants, cases;
	struct str *activities;
	size_t n_activities;
	struct journey_variant *top; /* by falling count, then first met */
	size_t n_top;
};

/* --- a map, measured ---------------------------------------------------------------------------- */

/* Kinds of evidence about experience (methods 2.1). A utility is 0..100, 50 neutral. */
enum journey_signal { JOURNEY_RATING, JOURNEY_SENTIMENT, JOURNEY_EFFORT, JOURNEY_WAIT, JOURNEY_FAILURE, JOURNEY_BREACH, JOURNEY_SIGNALS };
extern const char *const journey_signal_names[JOURNEY_SIGNALS];

struct journey_times { /* of durations, ms */
	int64_t n;
	double mean, p50, p90;
	double p50_lo, p50_hi; /* 95 %, by order statistics; equal to p50 when n is too small */
};

struct journey_signal_stat { /* one signal type at one touchpoint: per customer first, then over customers */
	int64_t n;         /* signals */
	int64_t customers;
	double mean, var;  /* of the customers' mean utilities; var with n-1, 0 when customers < 2 */
	int64_t newest_ms; /* at_ms of the newest */
};

struct journey_touchpoint_stat {
	int64_t visits;    /* events */
	int64_t instances, customers; /* entered */
	int64_t repeats;   /* instances with more than one visit */
	int64_t first_ms, last_ms; /* of events; 0 without any */
	struct journey_times to_next; /* from the first visit to the first later visit of any later step */
	struct journey_signal_stat signals[JOURNEY_SIGNALS];
	int64_t kept, broken;   /* promises with a known end: at <= expected, at > expected */
	double overrun_mean_ms, overrun_p50_ms; /* of the broken ones */
	int64_t comments;
};

struct journey_step_stat {
	int64_t entered, advanced, goal, lost, still_in;
	int64_t starts; /* instances whose first step in the map's order is this one */
};

/* Instances that go from one touchpoint to the next entered one in the map's order: the river's ribbons. Sums are exact. */
struct journey_ribbon {
	uint16_t from, to; /* codes; to is in a later step than from */
	int64_t instances;
};

/* Going back or again, in order of time: an event of `to` directly after one of `from`, step(to) <= step(from). */
struct journey_loop {
	uint16_t from, to;
	int64_t count, instances;
};

/* Ratings of instances in which something happened at a touchpoint, against those of the other instances that were there. */
enum journey_effect_kind { JOURNEY_EFFECT_BREACH, JOURNEY_EFFECT_FAILURE, JOURNEY_EFFECT_REPEAT, JOURNEY_EFFECT_DIMENSION };
struct journey_ratings {
	int64_t n;         /* ratings */
	int64_t customers;
	double mean;       /* of utilities, 0..100 */
	double raw_mean;   /* of scores as given, when all have one scale; else NaN */
	double se;         /* clustered by customer, methods 1; NaN when customers < 2 */
};
struct journey_effect {
	uint16_t touchpoint;
	enum journey_effect_kind kind;
	struct str dimension, value;      /* JOURNEY_EFFECT_DIMENSION */
	int64_t instances, customers;     /* that have it: the reach */
	int64_t other_instances;          /* at the touchpoint without it */
	struct journey_ratings with, without; /* rating of the instance after the event at this touchpoint; answers about the
	                                         whole instance count wherever in time they stand */
	bool clustered_together; /* some customers are on both sides; se of the difference then needs diff_se */
	double diff, diff_se;    /* with.mean - without.mean, clustered by customer over both sides */
};

struct journey_quote {
	uint16_t touchpoint;  /* 0: about the whole instance */
	uint64_t arrival;     /* to fetch its words */
	int64_t at_ms;
	float utility;        /* NaN when the comment came without a score */
};

struct journey_instances_end { /* the sum bar: entered = goal + still_in + lost */
	int64_t entered, goal, still_in, lost;
};

struct journey_measure {
	int64_t customers, events, other_events; /* in scope; other = on no touchpoint */
	struct journey_instances_end total;
	int64_t newest_ms, oldest_ms; /* at_ms of events in scope */
	uint64_t arrival_end;         /* the snapshot reaches up to here */
	size_t n_steps, n_touchpoints;
	struct journey_step_stat *steps;
	struct journey_touchpoint_stat *touchpoints; /* [code - 1] */
	struct journey_ribbon *ribbons; size_t n_ribbons; /* by from, to */
	struct journey_loop *loops; size_t n_loops;       /* by falling instances */
	struct journey_signal_stat whole;                  /* ratings about the whole instance */
	struct journey_effect *effects; size_t n_effects;  /* every candidate with with.n >= 5 and without.n >= 5 */
	struct journey_quote *quotes; size_t n_quotes;     /* at most 200 a touchpoint, newest first; 0 last */
	double rating_mean; int64_t rating_n;              /* utility of all ratings in scope */
};

/* --- proposing a map (methods 4.7) ------------------------------------------------------------------ */

struct journey_proposal_step {
	struct str event;     /* the event name; "" for a step of rest */
	size_t group;         /* the proposed stage, from 0 */
	double position;      /* mean relative position in cases, 0..1 */
	int64_t count, customers;
};
/* Orders activities by mean relative position and cuts them into contiguous groups of most modularity, K = 3..7 (fewer when there are fewer). */
struct journey_proposal {
	struct journey_proposal_step *steps; size_t n_steps; /* at most steps_max by customers, in order of position */
	size_t n_groups;
	int64_t rest_events, rest_names; /* what the steps leave out, exact */
	double modularity;
};

/* The gap that separates instances: the antimode of log10 of times between events, else 30 days (methods 4.1). */
#define JOURNEY_GAP_DEFAULT_MS ((int64_t)30 * 86400000)

#endif
