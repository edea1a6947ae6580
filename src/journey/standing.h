/*
 * Where customers stood at a moment, and what they did after it
 * (docs/methods/churn.md, value.md): behaviour and experience of the rows
 * before, being there and money of the rows after. Nothing of the time after
 * enters the time before.
 */
#ifndef JOURNEY_STANDING_H
#define JOURNEY_STANDING_H

#include "journey/journey.h"

#define JOURNEY_CUTS_MAX 3
struct journey_standing_query {
	int64_t cuts[JOURNEY_CUTS_MAX]; /* ascending */
	size_t n_cuts;
	int64_t horizon_ms;  /* after a cut [cut, cut + horizon), and of "recent" before it */
	struct str activity; /* what counts as being there; "": buying where the log has money, else anything */
	bool any;
	uint32_t order;      /* event code of purchases, and of the money that counts; 0 any */
	struct str currency; /* "": no money is read */
	bool everybody;      /* else only those who were there in the recent time before the cut */
};
struct journey_standing {
	uint32_t customer;
	uint8_t cut;            /* place in cuts */
	bool after;             /* there again within the horizon */
	uint8_t channels;       /* different ones, at most 64 */
	uint32_t times, recent; /* there before; of these within the horizon before */
	uint32_t events, failures, broken, answers;
	float contacts, waited_min;               /* sums of effort and of waits */
	float experience, last;                   /* mean and last of their answers, 0..100; answers 0: 0 */
	int64_t first_ms, last_ms;                /* there */
	int64_t spent, recent_spent, spent_after; /* minor units, less refunds; recent: within the horizon before */
};

/* Compiles; lives in the arena, borrows q and p. Cases must be customers. */
struct journey_standing_plan;
NODISCARD enum err_code journey_standing_plan(const struct journey_plan *p, const struct journey_standing_query *q,
                                              struct arena *a, struct journey_standing_plan **out, struct err *err);
/* O(rows + evidence). 96 bytes for each cut at which a customer had been there. */
extern const struct journey_pass journey_standing_pass;
/* By cut, then customer; borrowed from the pass. */
NODISCARD enum err_code journey_standing_result(void *pass, const struct journey_standing **out, size_t *n,
                                                struct err *err);

#endif
