/*
 * How journeys begin (docs/methods/credit.md): each customer's first contact,
 * first feeling, whether they came to an outcome, and over which values of a
 * dimension (usually channels) the way led there.
 */
#ifndef JOURNEY_BEGINNINGS_H
#define JOURNEY_BEGINNINGS_H

#include "journey/journey.h"

struct journey_beginnings_query {
	struct str by;       /* dimension; "" channel */
	struct str outcome;  /* activity; "": buying where the log has money, else nothing is an outcome */
	uint32_t order;      /* event code of purchases; 0 any with money */
	struct str currency; /* of the value; "": none is read */
};
#define JOURNEY_PATH_MAX 200 /* stretches kept of a way: the last ones */
struct journey_beginning {
	uint32_t customer, channel; /* channel: of the first contact */
	uint32_t first;             /* value of the dimension at the first contact */
	uint32_t path_at,
	        path_n; /* stretches of one value each, before the outcome; the outcome's own if it came first */
	bool converted;
	float feeling, later;         /* utility of the first rating, mean of those after it; NaN without */
	int64_t first_ms, outcome_ms; /* outcome_ms: with converted */
	int64_t value;                /* minor units of the outcome's row */
};

/* Compiles; lives in the arena, borrows q and p. Cases must be customers. */
struct journey_beginnings_plan;
NODISCARD enum err_code journey_beginnings_plan(const struct journey_plan *p, const struct journey_beginnings_query *q,
                                                struct arena *a, struct journey_beginnings_plan **out, struct err *err);
/* O(rows + evidence). 64 bytes a customer and 4 a stretch. */
extern const struct journey_pass journey_beginnings_pass;
/* By customer; borrowed from the pass. steps[path_at .. path_at + path_n) are values of the dimension. */
NODISCARD enum err_code journey_beginnings_result(void *pass, const struct journey_beginning **out, size_t *n,
                                                  const uint32_t **steps, struct err *err);
/* Values are below this; and what one is called. */
uint32_t journey_beginnings_values(const struct journey_beginnings_plan *p);
struct str journey_beginnings_name(const struct journey_beginnings_plan *p, uint32_t value);

#endif
