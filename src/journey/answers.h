/*
 * The answers that events of one type carry: how often each score was given.
 * What a score of a question is made of (NPS, CSAT, CES); what the answers
 * speak of does not matter here, other than in journey/scores.h.
 */
#ifndef JOURNEY_ANSWERS_H
#define JOURNEY_ANSWERS_H

#include "journey/journey.h"

#define JOURNEY_ANSWERS_VALUES_MAX 101

struct journey_answers_query {
	struct str event; /* its name */
	int min, max;     /* of the scale; at most JOURNEY_ANSWERS_VALUES_MAX values */
};

struct journey_answers {
	int64_t met;                                /* events of that name in scope */
	int64_t n, customers;                       /* answers on this scale, and who gave them */
	int64_t other;                              /* answers on other scales */
	int64_t values[JOURNEY_ANSWERS_VALUES_MAX]; /* min, min + 1 ...; of a fraction the nearest whole */
};

/*
 * One look at the name of each row and at each rating. A scale is told from
 * the others by the place that its answers have on it: answers belong to
 * [min, max] when those of their scale all do.
 *
 * Errors: ERR_INPUT "answers.event" when no event has that name,
 * "answers.scale" for an impossible scale.
 */
struct journey_answers_plan;
NODISCARD enum err_code journey_answers_plan(const struct journey_plan *p, const struct journey_answers_query *q,
                                             struct arena *a, struct journey_answers_plan **out, struct err *err);
extern const struct journey_pass journey_answers_pass; /* `what`: a struct journey_answers_plan */
NODISCARD enum err_code journey_answers_result(const void *pass, struct journey_answers *out, struct err *err);

#endif
