/*
 * Doing it again: repeats, loops and ping-pong inside cases. Method and
 * edge cases: docs/methods/rework.md.
 *
 *   repeat     an event of an activity that the case had before
 *   self loop  a repeat directly after itself                        a a
 *   loop       a repeat directly after something else                a ... b a   from b to a
 *   ping-pong  there and straight back; overlaps count each time     a b a
 *
 * With rules, rows on no touchpoint are not looked at. Every repeat is a
 * self loop or the end of one loop: for each activity repeats = self_loops +
 * sum of the loops that go to it; and a ping-pong a b a is one of the loops
 * from b to a.
 */
#ifndef JOURNEY_REWORK_H
#define JOURNEY_REWORK_H

#include "journey/journey.h"

struct journey_rework_activity {
	struct str name;
	int64_t count, cases;   /* events; cases with one */
	int64_t repeated_cases; /* with two or more */
	int64_t repeated_customers;
	int64_t repeats;    /* count - cases */
	int64_t self_loops; /* successions of it by itself */
};
struct journey_rework_pair {
	uint32_t a, b; /* places in activities: a loop goes from a to b; a ping-pong is a b a */
	int64_t count, cases, customers;
};
struct journey_rework {
	int64_t cases;                              /* in scope */
	struct journey_rework_activity *activities; /* by falling repeats, then count, then name */
	size_t n_activities;
	struct journey_rework_pair *loops, *pingpong; /* by falling count, then names */
	size_t n_loops, n_pingpong;
};

extern const struct journey_pass journey_rework_pass; /* asks nothing of `what` */
NODISCARD enum err_code journey_rework_result(const void *pass, struct arena *a, struct journey_rework *out,
                                              struct err *err);

/* Figures whose people can be asked for. */
enum journey_rework_part { JOURNEY_REWORK_REPEATED, JOURNEY_REWORK_LOOP, JOURNEY_REWORK_PINGPONG };
struct journey_rework_figure {
	enum journey_rework_part part;
	uint32_t a, b; /* codes (journey_activity_find) */
};
bool journey_rework_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                          const void *figure);

#endif
