/*
 * Two voices beside the curve (docs/methods/voices.md): what employees say of
 * a touchpoint, and what customers had expected of it. Neither moves a score.
 */
#ifndef JOURNEY_VOICES_H
#define JOURNEY_VOICES_H

#include "journey/journey.h"
#include "stats/stats.h"

/*
 * Employees. All of them share one anonymous id, so a question about them is
 * by customer, whatever a case is, and each answer is one observation.
 *
 * Ratings of a touchpoint come out in groups of JOURNEY_STAFF_GROUP in order of
 * time, as a whole or not at all: two periods that differ by a day differ by
 * whole groups, so nobody's rating is had by taking one answer from another.
 * The period is that of the question; the query's own is all of time.
 */
#define JOURNEY_STAFF_GROUP 5
#define JOURNEY_STAFF_PAIRS_MAX 4000000 /* touchpoints times units; beyond, least_unit is 1 */
struct journey_staff_question {
	const uint16_t *touchpoint; /* [event code]: the touchpoint that `about` means; 0 none */
	int64_t from_ms, to_ms;
};
struct journey_said {
	int64_t n;          /* in whole groups */
	bool more;          /* others said something in the period, too few to come out */
	double mean, var;   /* of utilities; var with n - 1, 0 below 2 */
	int64_t least_unit; /* of the units that said anything in the period, the one that said least; 0 nobody */
};
struct journey_staff {
	struct journey_said whole;        /* about the whole journey */
	struct journey_said *touchpoints; /* [code - 1] */
	size_t n;
	struct stats_nps_counts nps; /* how likely they recommend working here: no touchpoint's */
	int64_t nps_least_unit;
};
extern const struct journey_pass journey_staff_pass; /* `what`: a struct journey_staff_question; needs rules */
NODISCARD enum err_code journey_staff_result(const void *pass, struct arena *a, struct journey_staff *out,
                                             struct err *err);

/* Customers who said both what they had expected and what they met, in one answer. Per customer first. */
struct journey_paired {
	int64_t n, customers; /* answers */
	struct journey_side_mean {
		double mean, var; /* of customers' means, points of 100; var with n - 1, 0 below 2 */
	} gap, expected, experienced;
};
struct journey_expected {
	struct journey_paired whole;
	struct journey_paired *touchpoints; /* [code - 1] */
	size_t n;
	struct stats_nps_counts nps; /* customers' answers of that kind, about whatever */
};
extern const struct journey_pass journey_expected_pass; /* `what`: NULL; needs rules */
NODISCARD enum err_code journey_expected_result(const void *pass, struct arena *a, struct journey_expected *out,
                                                struct err *err);

#endif
