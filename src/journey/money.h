/*
 * Money: what customers who were lost or hurt at a touchpoint spent
 * afterwards, against the others who were there; and the phases round the
 * purchase (docs/methods/money.md). Amounts are minor units of one currency
 * each, never summed over currencies.
 *
 * A customer counts once a touchpoint, from the first visit in the period on.
 * Hurt: in that visit's case a failure, a broken promise or leaving without
 * service at the touchpoint. Lost: the case ended there before the purchase.
 * Histories are read whole.
 */
#ifndef JOURNEY_MONEY_H
#define JOURNEY_MONEY_H

#include "journey/journey.h"

#define JOURNEY_MONEY_CURRENCIES_MAX 32

struct journey_money_question {
	int64_t from_ms, to_ms; /* visits in [from, to) */
	int64_t horizon_ms;     /* spent within this after the visit; > 0 */
	int purchase_step;      /* money counts at this step; -1: wherever it stands, and nobody is lost before it */
};
struct journey_money_side {
	int64_t customers; /* observed for the whole horizon */
	double mean, var;  /* of what they spent within it; var with n - 1, 0 below 2 */
};
struct journey_money_row {
	uint16_t touchpoint;
	struct str currency; /* that the customer's latest money is in */
	int64_t hurt;        /* customers, however long observed */
	struct journey_money_side with, without;
};
enum journey_phase { JOURNEY_BEFORE, JOURNEY_DURING, JOURNEY_AFTER, JOURNEY_PHASES };
extern const char *const journey_phase_names[JOURNEY_PHASES];
struct journey_money {
	struct journey_money_row *rows; /* by currency, then touchpoint; those with anybody hurt */
	size_t n;
	int64_t without_money; /* customers hurt or lost somewhere of whom no money is known in any currency */
	struct {
		int64_t customers, events; /* in the period */
	} phases[JOURNEY_PHASES];
};
extern const struct journey_pass journey_money_pass; /* needs rules; the plan's cases are those of the map */
NODISCARD enum err_code journey_money_result(const void *pass, struct arena *a, struct journey_money *out,
                                             struct err *err);

#endif
