/*
 * The silent majority: the score that everybody who was asked would have given, predicted from what they did before.
 * docs/methods/silent.md.
 */
#ifndef JOURNEY_SILENT_H
#define JOURNEY_SILENT_H

#include "journey/journey.h"
#include "journey/simplify.h"
#include "stats/stats.h"

/* Somebody who could have answered; a survey's own people in place of an activity's ratings. */
struct journey_silent_person {
	uint32_t customer;
	int64_t asked_ms; /* what they did before it is behaviour; INT64_MAX: all they did */
	bool answered;
	double score;
};
struct journey_silent_query {
	struct str about; /* an activity; its ratings are the score. "journey": those about the whole */
	struct str asked; /* an activity: who had it was asked, and what came before it is behaviour. "": everybody in
	                     scope was, and all they did is behaviour but the answers themselves */
	const struct journey_silent_person *people; /* ascending by customer, each once; NULL: by about and asked */
	size_t n_people;
	bool others;           /* everybody else in scope kept silent */
	struct str answers;    /* name of the events that are their answers: no behaviour */
	struct interval scale; /* of the scores of people */
};

#define JOURNEY_SILENT_ACTIVITIES 30 /* columns of their own; those most people met */

/* Compiles; lives in the arena, borrows p. `kept`: the activities to count. ERR_INPUT for a name that nothing has. */
struct journey_silent_plan;
NODISCARD enum err_code journey_silent_plan(const struct journey_plan *p, const struct journey_silent_query *q,
                                            const struct journey_choice *kept, struct arena *a,
                                            struct journey_silent_plan **out, struct err *err);
/* O(rows); a row of at most 39 numbers for each customer asked. The plan's cases must be customers. */
extern const struct journey_pass journey_silent_pass;
/* Scores are utilities, 0..100: a customer's is the mean of theirs. Memory: 8 bytes a number of the matrix. */
NODISCARD enum err_code journey_silent_result(void *pass, struct stats_silent *out, struct err *err);
/*
 * The inverse chances of answering alone, of query.people: w[n_people], mean 1 over those who answered, 0 for somebody
 * who is not in scope.
 */
NODISCARD enum err_code journey_silent_chances(void *pass, double *w, struct stats_propensity *out, struct err *err);

#endif
