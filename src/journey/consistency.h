/*
 * Consistency: the answers about each touchpoint by the value of one
 * dimension (a channel, a unit) of the visit that they speak of. Per customer
 * first, as all averages; docs/methods/consistency.md.
 */
#ifndef JOURNEY_CONSISTENCY_H
#define JOURNEY_CONSISTENCY_H

#include "journey/journey.h"

#define JOURNEY_CONSISTENCY_PAIRS_MAX 200000 /* touchpoints times values */

struct journey_consistency_question {
	struct str by; /* "channel" or a declared property */
};
struct journey_consistency_group {
	uint16_t touchpoint; /* code */
	struct str value;    /* "" unknown */
	int64_t n, customers;
	double mean, var; /* of customers' mean utilities; var with n - 1, 0 below 2 */
};
struct journey_consistency {
	struct journey_consistency_group *groups; /* by touchpoint, then value code; those with an answer */
	size_t n;
};
extern const struct journey_pass journey_consistency_pass; /* needs rules */
/* ERR_INPUT when the dimension is not there, ERR_LIMIT above the maximum. */
NODISCARD enum err_code journey_consistency_result(const void *pass, struct arena *a, struct journey_consistency *out,
                                                   struct err *err);

#endif
