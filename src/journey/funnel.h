/*
 * The funnel: how far cases get through a row of steps. docs/methods/funnel.md.
 *
 * An attempt begins with an event of the first step; a case may hold many.
 * The one that counts is that which meets most required steps, and of these
 * the one that begins first. A step is met at most `window_ms` after the
 * first (closed). Optional steps do not choose the attempt; they are looked
 * for in it.
 */
#ifndef JOURNEY_FUNNEL_H
#define JOURNEY_FUNNEL_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_FUNNEL_STEPS_MAX 16
#define JOURNEY_FUNNEL_NAMES_MAX 32   /* names that a step may have, and excluded ones */
#define JOURNEY_FUNNEL_GROUPS_MAX 100 /* values told one by one, by falling cases */

enum journey_funnel_order {
	JOURNEY_FUNNEL_LATER,  /* each step after the one before, whatever lies between */
	JOURNEY_FUNNEL_STRICT, /* directly after it, nothing between */
	JOURNEY_FUNNEL_ANY,    /* after the first step, in any order */
	JOURNEY_FUNNEL_ORDERS
};
extern const char *const journey_funnel_order_names[JOURNEY_FUNNEL_ORDERS];

struct journey_funnel_step {
	const struct str *names; /* any of these activities */
	size_t n_names;
	bool optional; /* never the first */
};

struct journey_funnel_query {
	struct journey_funnel_step steps[JOURNEY_FUNNEL_STEPS_MAX];
	size_t n_steps;
	const struct str *exclude; /* such an event after the first step ends the attempt */
	size_t n_exclude;
	int64_t window_ms; /* > 0; INT64_MAX without one */
	enum journey_funnel_order order;
	struct str by; /* a dimension: groups by its value at the first step of the attempt; "" none */
	/* Who is behind a figure. */
	bool people;
	size_t step;   /* those who met this step, ... */
	bool lost;     /* ... or those who stopped there */
	bool of_value; /* only of the group `value` */
	struct str value;
};

/* Of one step. Shares are of cases; without a first case they are not identified. */
struct journey_funnel_stat {
	int64_t cases, customers;                /* that met it; a customer counts once */
	int64_t lost, lost_customers;            /* it was the last one they met, and required steps were left */
	struct stats_estimate share, step_share; /* of the first step; of the nearest required step before (of itself:
	                                            the first) */
	struct journey_times from_start, from_previous; /* since the first step, since the step met before it */
};
struct journey_funnel_group {
	struct str value; /* "" unknown */
	struct journey_funnel_stat *steps;
};
struct journey_funnel {
	int64_t cases, customers; /* in scope, entered or not */
	size_t n_steps;
	struct journey_funnel_stat *steps;
	struct journey_funnel_group *groups; /* by falling cases of the first step, then value */
	size_t n_groups, n_values;           /* told; of how many */
};

/*
 * Compiles the question; lives in the arena, borrows q and p.
 * Errors: ERR_INPUT names what cannot be: a name that no activity has, no
 * step, an optional first step, a step that is excluded too, one name in two
 * steps when they may come in any order, a window that is not positive, an
 * unknown dimension, a value that nothing has.
 */
struct journey_funnel_plan;
NODISCARD enum err_code journey_funnel_plan(const struct journey_plan *p, const struct journey_funnel_query *q,
                                            struct arena *a, struct journey_funnel_plan **out, struct err *err);
/* The pass; `what` is the compiled funnel. O(rows) for a plain one, O(rows x steps) for any. */
extern const struct journey_pass journey_funnel_pass;
NODISCARD enum err_code journey_funnel_result(const void *pass, struct arena *a, struct journey_funnel *out,
                                              struct err *err);
/* The customers of the figure, when the question asked for them; borrowed from the pass. */
const struct journey_set *journey_funnel_people(const void *pass);

#endif
