/*
 * What staff say before customers feel it: for each touchpoint the day on
 * which employees' reports about it became more frequent, and the day on which
 * customers' scores changed. docs/methods/lead.md.
 */
#ifndef JOURNEY_LEAD_H
#define JOURNEY_LEAD_H

#include "journey/journey.h"
#include "stats/stats.h"

struct journey_lead_query {
	struct str staff; /* name of the events that are employees' reports; what one is about is its `about` */
	struct str about; /* only this activity; "" all */
};

struct journey_lead_row {
	struct str name;
	int64_t visits, answers, reports;
	struct stats_change scores; /* days since 1970 (UTC); means are utilities, 0..100 */
	struct stats_change staff;  /* of reports a visit */
	double scores_p, staff_p;   /* Benjamini-Hochberg, each over the rows of the answer */
	struct stats_estimate
	        lead; /* days from staff's to the scores'; not identified unless both changed (p <= .05) */
	bool ahead;   /* reports rose, scores fell, and the whole interval lies above 0 */
};
struct journey_lead {
	struct journey_lead_row
	        *rows; /* activities with a report; by falling lead, those without one last, then name */
	size_t n_rows;
};

/* Compiles; lives in the arena, borrows q and p, whose cases must be customers. ERR_INPUT for a name nothing has. */
struct journey_lead_plan;
NODISCARD enum err_code journey_lead_plan(const struct journey_plan *p, const struct journey_lead_query *q,
                                          struct arena *a, struct journey_lead_plan **out, struct err *err);
extern const struct journey_pass journey_lead_pass; /* O(rows); memory: a cell for each activity and day */
NODISCARD enum err_code journey_lead_result(const void *pass, struct arena *a, struct journey_lead *out,
                                            struct err *err);

#endif
