/*
 * Buyers: what each customer bought, when, and for how much
 * (docs/methods/rfm.md). Cases must be customers; amounts are of one
 * currency and never summed over currencies.
 *
 * A purchase is a row in scope with money above 0, of the activity when one is
 * named. Money below 0 of any row is a refund: it lowers what was spent, and
 * is no purchase. A customer without a purchase is no buyer.
 */
#ifndef JOURNEY_BUYERS_H
#define JOURNEY_BUYERS_H

#include "journey/journey.h"

#define JOURNEY_BUYER_DAYS_MAX 40000

struct journey_buyers_query {
	const int64_t *bounds; /* ascending; day j is [bounds[j], bounds[j + 1]); rows outside are not seen */
	size_t n_bounds;       /* at most JOURNEY_BUYER_DAYS_MAX + 1 */
	size_t split;          /* a day: purchases before it and from it on are also told apart */
	struct str purchase;   /* activity; "" any */
	uint32_t order;        /* without one: event code of purchases; 0 any with money */
	struct str currency;   /* "" when the log has only one */
};
struct journey_buyer {
	uint32_t customer;
	uint32_t orders;                 /* purchases */
	uint32_t days;                   /* with a purchase */
	uint32_t first_day, last_day;    /* of purchases */
	int64_t spent;                   /* minor units, less refunds */
	int64_t repeat_spent;            /* of the purchases on days after the first */
	uint32_t early_days, early_last; /* days before the split, the last of them; 0 days: no buyer then */
};

/* Compiles; lives in the arena, borrows q and p. ERR_INPUT for an unknown activity or currency, for several currencies
 * and none chosen, for cases that are not customers; ERR_LIMIT above JOURNEY_BUYER_DAYS_MAX days. */
struct journey_buyers_plan;
NODISCARD enum err_code journey_buyers_plan(const struct journey_plan *p, const struct journey_buyers_query *q,
                                            struct arena *a, struct journey_buyers_plan **out, struct err *err);
/* O(evidence). 48 bytes a buyer. */
extern const struct journey_pass journey_buyers_pass;
/* By customer; borrowed from the pass, which sorts them. */
NODISCARD enum err_code journey_buyers_result(void *pass, const struct journey_buyer **out, size_t *n,
                                              struct str *currency, struct err *err);

#endif
