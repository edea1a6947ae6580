/* Which currencies customers bought in, so that one can be chosen: sums are of one. */
#ifndef JOURNEY_CURRENCIES_H
#define JOURNEY_CURRENCIES_H

#include "journey/journey.h"

struct journey_currency {
	struct str currency;
	int64_t purchases, customers; /* rows with money above 0, and of how many customers */
};

/* What: NULL. O(evidence). */
extern const struct journey_pass journey_currencies_pass;
/*
 * Which events are orders: many logs say what things cost with each look and each basket too. The first of a few names
 * that shops' events have by convention ("Order Completed", "Order Confirmed", "purchase" ...) that has money; 0 when
 * none has, and then any event with money is one.
 */
uint32_t journey_currencies_order(const void *pass);
/* By falling customers, then name; those nobody bought in are left out. Names are borrowed from the schema. */
NODISCARD enum err_code journey_currencies_result(void *pass, struct arena *a, struct journey_currency **out, size_t *n,
                                                  struct err *err);

#endif
