/*
 * How long customers stay (docs/methods/staying.md): from the first time
 * somebody does something until the first silence longer than a pause, which
 * is known at the moment it has lasted so long and needs no later knowledge.
 */
#ifndef JOURNEY_STAYS_H
#define JOURNEY_STAYS_H

#include "journey/journey.h"

/* Rows nearer than this are one visit when times between are looked at. */
#define JOURNEY_STAYS_VISIT_MS ((int64_t)12 * 3600000)

struct journey_stays_query {
	struct str activity; /* what counts as being there; "": buying where the log has money, else anything */
	uint32_t order;      /* event code of purchases; 0 any with money */
	bool any;            /* anything at all counts */
	struct str by;       /* dimension whose value at the first such row is the group; "" none */
	int64_t pause_ms;    /* 0: only the times between are collected, to choose one */
};
struct journey_stay {
	uint32_t customer, group; /* group: a value of `by`, 0 for none */
	int64_t first_ms;
	int64_t until_ms; /* gone: when the silence had lasted a pause; else the end of what was seen */
	bool gone, back;  /* back: gone, and there again later */
};

/* Compiles; lives in the arena, borrows q and p. Cases must be customers. ERR_INPUT for unknown names. */
struct journey_stays_plan;
NODISCARD enum err_code journey_stays_plan(const struct journey_plan *p, const struct journey_stays_query *q,
                                           struct arena *a, struct journey_stays_plan **out, struct err *err);
/* O(rows). 32 bytes a customer who was there. */
extern const struct journey_pass journey_stays_pass;
/* By customer; borrowed from the pass. */
NODISCARD enum err_code journey_stays_result(void *pass, const struct journey_stay **out, size_t *n, struct err *err);
/* The q-quantile of the times between, and how many there are. */
NODISCARD enum err_code journey_stays_gap(void *pass, double q, double *out_ms, int64_t *n, struct err *err);
struct str journey_stays_name(const struct journey_stays_plan *p, uint32_t group);

#endif
