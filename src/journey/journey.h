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

#define JOURNEY_STEPS_MAX 64 /* columns of a map */
#define JOURNEY_TOUCHPOINTS_MAX 500
#define JOURNEY_FILTERS_MAX 8
#define JOURNEY_CONDITIONS_MAX 4

enum journey_op {
	JOURNEY_IS,
	JOURNEY_IS_NOT,
	JOURNEY_UNDER /* the value or one below it: "saudi" takes "saudi/riyadh" too; for dimensions with columns */
};

/* Customers, by number: a Roaring bitmap. One writer; then read by any number of threads. */
struct journey_set;
struct journey_segment;                    /* segment.h */
struct journey_set *journey_set_new(void); /* NULL: memory is short */
void journey_set_free(struct journey_set *s);
void journey_set_add(struct journey_set *s, uint32_t customer);
void journey_set_or(struct journey_set *into, const struct journey_set *from);
void journey_set_and(struct journey_set *into, const struct journey_set *from);
void journey_set_without(struct journey_set *from, const struct journey_set *what);
bool journey_set_has(const struct journey_set *s, uint32_t customer);
int64_t journey_set_n(const struct journey_set *s);
/* Up to `max` members above `after` (0: from the first; no customer has number 0), ascending; how many there were. */
size_t journey_set_list(const struct journey_set *s, uint32_t after, uint32_t *out, size_t max);

struct journey_filter {
	struct str dimension; /* "channel", "source", "event", "unit", "environment" or a declared property */
	struct str value;     /* "" = has none ("unknown") */
	enum journey_op op;
};

/* One rule of a touchpoint; all that is given must hold. */
struct journey_rule {
	uint16_t touchpoint; /* 1-based code */
	struct str event;    /* exact event name; "" any */
	struct str channel;  /* "" any */
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
	struct str key; /* CUT_KEY: the property, usually "journey"; rows without it join the open instance, else form
	                   none */
	int64_t gap_ms; /* CUT_GAP: a silence longer than this starts a new instance. Also the age of "still in" for
	                   every cut; > 0 */
	bool ends_at_goal; /* the first event of the last step ends the instance */
};

enum journey_case { JOURNEY_BY_CUSTOMER, JOURNEY_BY_INSTANCE };

struct journey_query {
	int64_t from_ms, to_ms; /* [from, to); INT64_MIN, INT64_MAX when open */
	enum journey_case by;
	struct journey_instance_rule instance;
	const struct journey_rules *rules; /* NULL: every event name is an activity */
	struct journey_filter
	        filters[JOURNEY_FILTERS_MAX]; /* rows that do not fit are not seen. A time scope takes
	                                         instances by their first row, whole; customers row by row */
	size_t n_filters;
	const struct journey_set *segment; /* only these customers; NULL: all. Borrowed while the question runs */
	const struct journey_segment *who; /* the same as a rule: ask/ finds its customers in the question's own
	                                      snapshot and puts them in `segment`. NULL: all */
};

/* --- flow between activities ------------------------------------------------------------------ */

struct journey_activity {
	struct str name;
	int64_t count, customers;
};
struct journey_edge {
	uint32_t from, to; /* places in activities */
	int64_t count, customers;
	double mean_ms, p50_ms, p90_ms; /* NaN: not asked for */
};
struct journey_dfg {
	int64_t events, customers, cases;    /* cases = customers, or instances */
	int64_t variants;                    /* 0 when not asked for */
	struct journey_activity *activities; /* by falling count, then name */
	size_t n_activities;
	struct journey_edge *edges; /* by falling count, then names */
	size_t n_edges;
	int64_t *starts, *ends; /* one for each activity; both sum to cases */
};

struct journey_variant {
	const uint32_t *steps; /* places in activities */
	size_t n_steps;
	int64_t count, customers;
	uint64_t id; /* of the names of its steps: the same in every snapshot */
};
struct journey_variants {
	int64_t variants, cases;
	struct str *activities; /* of the variants listed */
	size_t n_activities;
	struct journey_variant *top; /* by falling count, then first met */
	size_t n_top;
};

/* --- a map, measured ---------------------------------------------------------------------------- */

/* Kinds of evidence about experience (methods 2.1). A utility is 0..100, 50 neutral. */
enum journey_signal {
	JOURNEY_RATING,
	JOURNEY_SENTIMENT,
	JOURNEY_EFFORT,
	JOURNEY_WAIT,
	JOURNEY_FAILURE,
	JOURNEY_BREACH,
	JOURNEY_SIGNALS
};
extern const char *const journey_signal_names[JOURNEY_SIGNALS];

struct journey_times { /* of durations, ms */
	int64_t n;
	double mean, p50, p90;
	double p50_lo, p50_hi; /* 95 %, by order statistics; equal to p50 when n is too small */
};

struct journey_signal_stat { /* one signal type at one touchpoint: per customer first, then over customers */
	int64_t n;           /* signals */
	int64_t customers;
	double mean, var;  /* of the customers' mean utilities; var with n-1, 0 when customers < 2 */
	int64_t newest_ms; /* at_ms of the newest */
};

struct journey_touchpoint_stat {
	int64_t visits;               /* events */
	int64_t instances, customers; /* entered */
	int64_t repeats;              /* instances with more than one visit */
	int64_t first_ms, last_ms;    /* of events; 0 without any */
	struct journey_times to_next; /* from the first visit to the first later visit of any later step */
	struct journey_signal_stat signals[JOURNEY_SIGNALS];
	int64_t kept, broken;                   /* promises with a known end: at <= expected, at > expected */
	double overrun_mean_ms, overrun_p50_ms; /* of the broken ones */
	int64_t comments;
	double position; /* mean relative position (rank - 0.5) / length of its visits in their cases; 0 without any */
};

struct journey_step_stat {
	int64_t entered, advanced, goal, lost, still_in;
	int64_t starts; /* instances whose first step in the map's order is this one */
};

/* Instances that go from one touchpoint to the next entered one in the map's order: the river's ribbons. Sums are
 * exact. */
struct journey_ribbon {
	uint16_t from, to; /* codes; to is in a later step than from */
	int64_t instances;
};

/* Going back or again, in order of time: an event of `to` directly after one of `from`, step(to) <= step(from). */
struct journey_loop {
	uint16_t from, to;
	int64_t count, instances;
};

/* Ratings of instances in which something happened at a touchpoint, against those of the other instances that were
 * there. */
enum journey_effect_kind {
	JOURNEY_EFFECT_BREACH,
	JOURNEY_EFFECT_FAILURE,
	JOURNEY_EFFECT_REPEAT,
	JOURNEY_EFFECT_DIMENSION
};
struct journey_ratings {
	int64_t n; /* ratings */
	int64_t customers;
	double mean;     /* of utilities, 0..100 */
	double raw_mean; /* of scores as given, when all have one scale; else NaN */
	double se;       /* clustered by customer, methods 1; NaN when customers < 2 */
};
struct journey_effect {
	uint16_t touchpoint;
	enum journey_effect_kind kind;
	struct str dimension, value;          /* JOURNEY_EFFECT_DIMENSION */
	int64_t instances, customers;         /* that have it: the reach */
	int64_t other_instances;              /* at the touchpoint without it */
	struct journey_ratings with, without; /* rating of the instance after the event at this touchpoint; answers
	                                         about the whole instance count wherever in time they stand */
	bool clustered_together; /* some customers are on both sides; se of the difference then needs diff_se */
	double diff, diff_se;    /* with.mean - without.mean, clustered by customer over both sides */
	/* The difference inside the top parts of `unit` ("saudi" of "saudi/riyadh"), each weighted by n1 n0 / (n1 +
	 * n0): what is left when both sides are compared in one part at a time. within_n: ratings of `with` in the
	 * parts that allow it (five on each side); 0 and NaN when none does, -1 and NaN when there are not two parts.
	 */
	double within_diff;
	int64_t within_n;
};

struct journey_quote {
	uint16_t touchpoint; /* 0: about the whole instance */
	uint64_t arrival;    /* to fetch its words */
	int64_t at_ms;
	float utility; /* NaN when the comment came without a score */
};

struct journey_instances_end { /* the sum bar: entered = goal + still_in + lost */
	int64_t entered, goal, still_in, lost;
};

struct journey_kind_stat { /* events of one name on one channel */
	struct str event, channel;
	uint16_t touchpoint; /* journey_kind_touchpoint; 0 none, or a question without rules */
	bool feedback; /* says something about another event or the whole: most of its events do, and none about itself
	                */
	int64_t count, customers, first_ms, last_ms;
	double position; /* mean relative position in their cases */
};

struct journey_measure {
	int64_t customers, events, other_events; /* in scope; other = on no touchpoint */
	struct journey_instances_end total;
	int64_t newest_ms, oldest_ms; /* at_ms of events in scope */
	uint64_t arrival_end;         /* the snapshot reaches up to here */
	size_t n_steps, n_touchpoints;
	struct journey_step_stat *steps;
	struct journey_touchpoint_stat *touchpoints; /* [code - 1] */
	struct journey_ribbon *ribbons;
	size_t n_ribbons; /* by from, to */
	struct journey_loop *loops;
	size_t n_loops;                   /* by falling instances */
	struct journey_signal_stat whole; /* ratings about the whole instance */
	struct journey_effect *effects;
	size_t n_effects; /* every candidate with with.n >= 5 and without.n >= 5 */
	struct journey_quote *quotes;
	size_t n_quotes; /* at most 200 a touchpoint, newest first; 0 last */
	double rating_mean;
	int64_t rating_n;                /* utility of all ratings in scope */
	struct journey_kind_stat *kinds; /* what was met, by event and channel code; with JOURNEY_METER_KINDS */
	size_t n_kinds;
};

/* --- proposing a map (methods 4.7) ------------------------------------------------------------------ */

struct journey_proposal_step {
	struct str event; /* the event name; "" for a step of rest */
	size_t group;     /* the proposed stage, from 0 */
	double position;  /* mean relative position in cases, 0..1 */
	int64_t count, customers;
};
/* Orders activities by mean relative position and cuts them into contiguous groups of most modularity, K = 3..7 (fewer
 * when there are fewer). */
struct journey_proposal {
	struct journey_proposal_step *steps;
	size_t n_steps; /* at most steps_max by customers, in order of position */
	size_t n_groups;
	int64_t rest_events, rest_names; /* what the steps leave out, exact */
	double modularity;
};

/* The gap that separates instances: the antimode of log10 of times between events, else 30 days (methods 4.1). */
#define JOURNEY_GAP_DEFAULT_MS ((int64_t)30 * 86400000)

/* --- columns ---------------------------------------------------------------------------------------- */

/*
 * One run of a partition: whole customers, each one contiguous slice of rows
 * sorted by (at_ms, arrival). index/ fills it, nobody changes it afterwards.
 *
 *   customer[c]   offset[c]..offset[c+1]          a customer      4 + 4 + 4 bytes
 *        |             |
 *        |      kind | at_ms | arrival | codes    a row           2 + 8 + 8 bytes, and 0, 1, 2 or 4 a dimension
 *        |             |                           (0 when no row of the run has a value)
 *        `--- evidence_offset[c]..[c+1]           evidence, sparse, by row   32 bytes a piece
 *
 * `dead` marks customers whose slice has been written anew elsewhere (a newer
 * run has them with rows that arrived since, or another identity has joined
 * them). Passes skip them; nothing else knows of it.
 */
struct journey_codes {
	const void *ptr;
	uint8_t bytes; /* of one code: 0 (all rows have code 0), 1, 2, 4 */
};
static inline uint32_t journey_code(struct journey_codes c, size_t row)
{
	switch (c.bytes) {
	case 1: return ((const uint8_t *)c.ptr)[row];
	case 2: return ((const uint16_t *)c.ptr)[row];
	case 4: return ((const uint32_t *)c.ptr)[row];
	default: return 0;
	}
}

/* Words behind codes; code 0 is "". Lives in chunks so that it grows without moving. */
#define JOURNEY_CHUNK 4096
struct journey_words {
	const struct str *const *chunks;
	uint32_t n;
};
static inline struct str journey_word(const struct journey_words *w, uint32_t code)
{
	return w->chunks[code / JOURNEY_CHUNK][code % JOURNEY_CHUNK];
}
/* The code of a word, UINT32_MAX when it has none. Looks at each word: for compiling a question, not for rows. */
uint32_t journey_word_find(const struct journey_words *w, struct str word);

enum {
	JOURNEY_ABOUT_OWN,
	JOURNEY_ABOUT_WHOLE,
	JOURNEY_ABOUT_EVENT
}; /* from the last on: event code + JOURNEY_ABOUT_EVENT */
/* As `what`: evidence, but no signals. */
enum {
	JOURNEY_COMMENT = JOURNEY_SIGNALS,
	JOURNEY_MONEY,    /* raw: whole minor units, refunds < 0; about: the currency (a code of schema.currencies) */
	JOURNEY_LEFT,     /* waited and left without service (`abandoned: true`); raw: the wait, ms, 0 unknown */
	JOURNEY_GAP,      /* beside a rating: experienced less expected, raw in points of 100; utility: experienced */
	JOURNEY_EMPLOYEE, /* a rating by an employee, who is no customer: `about`, `kind`, `scale` as for ratings */
	JOURNEY_NOTE      /* words of an employee or an observer: `about` as for comments */
};

/* What a rating was asked as: `score_kind` of the event. */
enum journey_rating_kind {
	JOURNEY_RATING_PLAIN,
	JOURNEY_RATING_NPS,
	JOURNEY_RATING_CSAT,
	JOURNEY_RATING_CES,
	JOURNEY_RATING_KINDS
};
extern const char *const journey_rating_kind_names[JOURNEY_RATING_KINDS]; /* "rating", "nps", "csat", "ces" */

struct journey_evidence {
	uint32_t row;
	uint8_t what;  /* enum journey_signal or JOURNEY_COMMENT; JOURNEY_BREACH stands for any promise with a known end
	                */
	uint8_t scale; /* ratings: 1.. for each (min, max) met, 63 for the rest */
	uint8_t kind;  /* ratings: enum journey_rating_kind */
	uint8_t spare;
	uint32_t about; /* ratings, sentiments and comments; money: its currency */
	float utility;  /* NaN: decided by the question (waits), or none (comments, kept promises) */
	double raw;     /* score as given; wait, ms; overrun, ms (<= 0 kept); contacts; severity; minor units */
};

struct journey_columns {
	uint32_t n_customers, n_rows, n_evidence;
	const uint32_t *customer; /* number of the person, ascending */
	const uint32_t *offset, *evidence_offset;
	const uint64_t *dead; /* a bit for each customer; NULL: none */
	const uint16_t *kind;
	const int64_t *at_ms;
	const uint64_t *arrival;
	const struct journey_codes *dimensions;
	size_t n_dimensions; /* may be fewer than the schema's: those not filled yet have code 0 */
	const struct journey_evidence *evidence;
	const uint16_t *touchpoints; /* codes of the question, by journey_fill: of its rules, or event codes without;
	                                may be NULL without rules, which is slower */
};
static inline bool journey_dead(const struct journey_columns *c, uint32_t i)
{
	return c->dead && (c->dead[i / 64] >> (i % 64) & 1);
}

/* What the codes of all runs of a snapshot mean. */
struct journey_kind {
	uint16_t event, channel;
	bool hidden; /* says who somebody is (identify): no question sees its rows */
};
struct journey_dimension {
	struct str name;
	struct journey_words words;
};
struct journey_schema {
	const struct journey_kind *kinds; /* [kind]; 0 is none */
	uint32_t n_kinds;
	struct journey_words events, channels, currencies; /* currencies: ISO 4217 */
	const struct journey_dimension *dimensions;
	size_t n_dimensions;
	const double *wait_w50; /* [event code]: median of its waits, ms; 0 without any */
	int64_t newest_ms;      /* at_ms of the newest event; INT64_MIN without any */
	uint64_t arrival_end;
};

/* --- utilities (methods 2.1) -------------------------------------------------------------------------- */

double journey_utility_rating(double r, double min, double max); /* min < max */
double journey_utility_effort(double contacts);                  /* 100 * 2^(-(e-1)/1.5) */
double journey_utility_wait(double wait_ms, double w50_ms);      /* 100 / (1 + (w/w50)^2); 50 when w50 = 0 */
double journey_utility_failure(int severity);                    /* 1..3: 35, 15, 0 */
#define JOURNEY_UTILITY_BREACH 15.0

/* --- a question, compiled --------------------------------------------------------------------------------- */

/*
 * Checks a question and compiles it against a schema: filters and rules to
 * tables over kinds, the rest to tests on codes. Lives in the arena, borrows
 * the query and the schema, is read by any number of threads.
 *
 * Errors: ERR_INPUT names what is impossible: an empty period, a gap of 0, a
 * rule for a touchpoint that does not exist, a key that is no dimension.
 */
struct journey_plan;
NODISCARD enum err_code journey_plan_new(const struct journey_query *q, const struct journey_schema *s, struct arena *a,
                                         struct journey_plan **out, struct err *err);
const struct journey_query *journey_plan_query(const struct journey_plan *p);
/* Codes of all rows into out[n_rows]: touchpoints under the plan's rules, event codes without. */
void journey_fill(const struct journey_plan *p, const struct journey_columns *c, uint16_t *out);

/*
 * Passes. Each has new, add (one run; a plain scan), merge (takes from
 * `from` what it counted; order does not matter: all sums are integers, so
 * results do not depend on how runs were dealt to threads), a result, free.
 * Memory that runs out is remembered and said by the result.
 */
struct journey_flow;
/* What is not asked for is not paid for. Of edges, one of: with all times, with counts and means, with counts. */
enum {
	JOURNEY_FLOW_EDGES = 1,
	JOURNEY_FLOW_VARIANTS = 2,
	JOURNEY_FLOW_MEANS = 4,
	JOURNEY_FLOW_COUNTS = 8,
	JOURNEY_FLOW_POSITIONS = 16 /* beside edges: journey_flow_positions */
};
struct journey_flow *journey_flow_new(const struct journey_plan *p, unsigned parts);
/* Variants are the first `steps` of each case, 0: whole. Before the first run. */
void journey_flow_cut(struct journey_flow *f, uint32_t steps);
/* No more than the n commonest variants will be asked for. Before the first share; all may be otherwise. */
void journey_flow_keep(struct journey_flow *f, size_t n);
void journey_flow_add(struct journey_flow *f, const struct journey_columns *c);
void journey_flow_merge(struct journey_flow *f, struct journey_flow *from);
/* After the last merge, variants are still to be counted: each share < JOURNEY_FLOW_SHARES once, on as many threads as
 * one likes. The results count what is left. */
enum { JOURNEY_FLOW_SHARES = 64 };
void journey_flow_share(struct journey_flow *f, uint32_t share);
NODISCARD enum err_code journey_flow_dfg(struct journey_flow *f, struct arena *a, struct journey_dfg *out,
                                         struct err *err);
NODISCARD enum err_code journey_flow_variants(struct journey_flow *f, size_t top, struct arena *a,
                                              struct journey_variants *out, struct err *err);
/* Mean relative position (rank - 0.5) / length of each activity in its cases; [i] for dfg.activities[i]. */
NODISCARD enum err_code journey_flow_positions(const struct journey_flow *f, const struct journey_dfg *dfg,
                                               struct arena *a, double **out, struct err *err);
void journey_flow_free(struct journey_flow *f);

/*
 * A plan whose touchpoints are (touchpoint, value of a dimension), or (event
 * name, value) without rules: for statistics split by a dimension, and for
 * those by event name. `dimension` "" splits by nothing. Code of touchpoint
 * t (from 1; event code without rules) with value v: (t - 1) * *n_values + v + 1.
 * Its touchpoints have no step order without rules, so to_next stays empty.
 * Errors: ERR_INPUT when the dimension is unknown, ERR_LIMIT above 60,000 pairs.
 */
NODISCARD enum err_code journey_plan_split(const struct journey_plan *p, struct str dimension, struct arena *a,
                                           struct journey_plan **out, uint32_t *n_values, struct err *err);

struct journey_meter;
/* parts: touchpoints, steps and totals come always. */
enum {
	JOURNEY_METER_MAP = 1,  /* ribbons, loops, quotes, effects: at most JOURNEY_TOUCHPOINTS_MAX touchpoints */
	JOURNEY_METER_KINDS = 2 /* what was met, whatever the rules say */
};
struct journey_meter *journey_meter_new(const struct journey_plan *p, unsigned parts);
void journey_meter_add(struct journey_meter *m, const struct journey_columns *c);
void journey_meter_merge(struct journey_meter *m, struct journey_meter *from);
NODISCARD enum err_code journey_meter_measure(const struct journey_meter *m, struct arena *a,
                                              struct journey_measure *out, struct err *err);
void journey_meter_free(struct journey_meter *m);

/*
 * The instances behind a number. `each` is called for every instance with
 * what it is to (touchpoint, step): see ask_what in ask.h, whose order the
 * bits follow; counts[] says how often (promises, failures, answers), 1 for
 * states. touchpoint 0 and step -1: the whole map.
 */
enum journey_what {
	JOURNEY_ENTERED,
	JOURNEY_ADVANCED,
	JOURNEY_LOST,
	JOURNEY_STILL_IN,
	JOURNEY_GOAL,
	JOURNEY_BROKEN,
	JOURNEY_KEPT,
	JOURNEY_FAILED,
	JOURNEY_REPEATED,
	JOURNEY_RATED,
	JOURNEY_COMMENTED,
	JOURNEY_WHATS
};
struct journey_instance {
	uint32_t customer, ordinal; /* of the customer's instances, from 0 */
	int64_t first_ms, last_ms;
	uint32_t events;
	float utility; /* mean of its ratings; NaN without */
	uint32_t counts[JOURNEY_WHATS];
};
typedef void (*journey_instance_fn)(void *ctx, const struct journey_instance *i);
NODISCARD enum err_code journey_instances(const struct journey_plan *p, const struct journey_columns *c,
                                          uint16_t touchpoint, int step, journey_instance_fn each, void *ctx,
                                          struct err *err);

/* What of customer i of a run is in scope, over all its cases; zeros when nothing is. Columns come with touchpoints
 * when the plan has rules. */
struct journey_extent {
	int64_t first_ms, last_ms, events;
};
NODISCARD enum err_code journey_extent(const struct journey_plan *p, const struct journey_columns *c, uint32_t i,
                                       struct journey_extent *out, struct err *err);

/* The touchpoint of an event name on a channel (codes) under the plan's rules; where they look at the row, the first
 * that may fit. 0 none. */
uint16_t journey_kind_touchpoint(const struct journey_plan *p, struct journey_kind k);

/* Values of a dimension ("channel" and "event" too) in the rows of cases. */
struct journey_tally;
struct journey_tally *journey_tally_new(const struct journey_plan *p,
                                        struct str dimension); /* NULL: no such dimension, or no memory */
void journey_tally_add(struct journey_tally *t, const struct journey_columns *c);
void journey_tally_merge(struct journey_tally *t, const struct journey_tally *from);
/* Of value code v < journey_tally_n. */
uint32_t journey_tally_n(const struct journey_tally *t);
struct str journey_tally_get(const struct journey_tally *t, uint32_t v, int64_t *count, int64_t *customers);
bool journey_tally_failed(const struct journey_tally *t);
void journey_tally_free(struct journey_tally *t);

/* The proposal from a graph and positions (journey_flow_positions). */
NODISCARD enum err_code journey_propose(const struct journey_dfg *dfg, const double *positions, size_t steps_max,
                                        struct arena *a, struct journey_proposal *out, struct err *err);

/* Times between neighbouring events of customers, in classes of log10: see journey_gap_find. */
#define JOURNEY_GAP_CLASSES 240 /* 20 to a decade, 1 ms to 10^12 ms */
struct journey_gaps {
	int64_t classes[JOURNEY_GAP_CLASSES];
};
void journey_gaps_add(struct journey_gaps *g, const struct journey_columns *c);
/*
 * The antimode: the lowest place between the two highest peaks of the
 * smoothed counts of log10 of times of at least a minute; JOURNEY_GAP_DEFAULT_MS
 * when there are not two peaks with a clear valley (at most half of the lower
 * peak), fewer than 100 times, or the valley is under an hour.
 */
int64_t journey_gap_find(const struct journey_gaps *g);

/* --- durations -------------------------------------------------------------------------------------------- */

/*
 * Durations with exact sum and quantiles: exact (type 7) up to 256 of them,
 * from then on by a histogram of 32 classes to an octave, off by at most
 * 1.6 %. 2 KiB, then 5.5 KiB.
 */
struct journey_durations {
	int64_t n, sum, min, max;
	int64_t *few;      /* up to 256 */
	uint32_t *classes; /* else */
	bool failed;
};
void journey_durations_add(struct journey_durations *d, int64_t ms);
void journey_durations_merge(struct journey_durations *d, const struct journey_durations *from);
double journey_durations_quantile(const struct journey_durations *d, double q); /* n >= 1 */
void journey_durations_times(const struct journey_durations *d, struct journey_times *out);
void journey_durations_done(struct journey_durations *d);
/* As bytes (a multiple of 8, this machine's order) and back; false when they are none. *in moves behind them. */
void journey_durations_pack(const struct journey_durations *d, struct buf *out);
NODISCARD bool journey_durations_unpack(struct journey_durations *d, struct str *in);

/*
 * A question of one kind as a pass, for whoever runs passes over runs on several threads. `what` is the kind's own
 * question, borrowed. make returns NULL when memory is short; later shortage is said by the kind's result function.
 */
struct journey_pass {
	void *(*make)(const struct journey_plan *p, const void *what);
	void (*add)(void *pass, const struct journey_columns *c);
	void (*merge)(void *pass, void *from);
	void (*free)(void *pass); /* NULL is fine */
};

/* Kinds of questions, a header each. */
#include "journey/answers.h"
#include "journey/beginnings.h"
#include "journey/behind.h"
#include "journey/bottlenecks.h"
#include "journey/buyers.h"
#include "journey/comments.h"
#include "journey/conformance.h"
#include "journey/consistency.h"
#include "journey/currencies.h"
#include "journey/friction.h"
#include "journey/funnel.h"
#include "journey/handovers.h"
#include "journey/lead.h"
#include "journey/lift.h"
#include "journey/moments.h"
#include "journey/money.h"
#include "journey/recovery.h"
#include "journey/retention.h"
#include "journey/rework.h"
#include "journey/scores.h"
#include "journey/segment.h"
#include "journey/series.h"
#include "journey/silent.h"
#include "journey/simplify.h"
#include "journey/standing.h"
#include "journey/stays.h"
#include "journey/units.h"
#include "journey/voices.h"

#endif
