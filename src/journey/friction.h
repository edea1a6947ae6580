/*
 * Friction: what makes people stumble at a touchpoint, counted; and waits
 * (docs/methods/friction.md, the rules in words there).
 *
 * One pass over the question's cases, touchpoints with rules, event names
 * without. Money is summed by currency, never over currencies.
 */
#ifndef JOURNEY_FRICTION_H
#define JOURNEY_FRICTION_H

#include "journey/journey.h"

enum journey_friction_rule {
	JOURNEY_FRICTION_REPEAT,    /* the same event there again in the case */
	JOURNEY_FRICTION_ERROR,     /* failures reported there */
	JOURNEY_FRICTION_DEAD_END,  /* lost before `before_step`, the last row on the map there; rules only */
	JOURNEY_FRICTION_BACK,      /* visits directly after one of a later step; rules only */
	JOURNEY_FRICTION_ABANDONED, /* left without being served */
	JOURNEY_FRICTION_LATE,      /* broken promises */
	JOURNEY_FRICTION_CONTACTS,  /* contacts after the first one that a case needed: its largest `effort`, less 1 */
	JOURNEY_FRICTION_RULES
};
extern const char *const journey_friction_names[JOURNEY_FRICTION_RULES]; /* "repeat", "error", ... */

struct journey_left_money { /* of those who left: what stood on the same rows */
	struct str currency;
	int64_t minor, n; /* n: rows with it */
};
struct journey_friction_stat {
	struct str name;
	int64_t visits, cases;
	int64_t counts[JOURNEY_FRICTION_RULES];
	struct journey_times wait;
	int64_t queued; /* visits with a known wait, or left */
	int64_t left;   /* of these, without being served */
	const struct journey_left_money *money;
	size_t n_money;
};
struct journey_friction {
	struct journey_friction_stat *list; /* by code; those without a visit only with rules */
	size_t n;
};

struct journey_friction_question {
	uint16_t before_step; /* the purchase, or the goal: whoever got there did not end in the dark */
};
extern const struct journey_pass journey_friction_pass;
NODISCARD enum err_code journey_friction_result(const void *pass, struct arena *a, struct journey_friction *out,
                                                struct err *err);

/*
 * Tasks: a case starts one with an event of `start` when none is open, and
 * completes it with the first event of `done` after it, at most `window_ms`
 * later. One that is neither done nor out of time at the snapshot's newest
 * event is open and does not count; without a window (INT64_MAX) the age of
 * "still in" decides that.
 */
struct journey_task_question {
	struct str start, done; /* names of activities */
	int64_t window_ms;
};
struct journey_task {
	int64_t started, completed, open; /* started = completed + given up, without the open ones */
	struct journey_times time;        /* of the completed */
};
extern const struct journey_pass journey_task_pass;
/* ERR_INPUT when nothing has a name of the question, field "start" or "done". */
NODISCARD enum err_code journey_task_result(const void *pass, struct journey_task *out, struct err *err);

#endif
