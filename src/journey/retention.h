/*
 * Retention: who comes back, by the period of the first start event.
 * docs/methods/retention.md. Units are customers; cases must be customers.
 *
 * Cohort c: customers whose first start event in scope lies in period c.
 * Offset k of it: period c + k. From the start event on (itself included) a
 * back event makes the customer active in its period. An offset counts when
 * it has fully passed: its end is at or before the snapshot's newest event,
 * and before the end of the scope.
 */
#ifndef JOURNEY_RETENTION_H
#define JOURNEY_RETENTION_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_RETENTION_PERIODS_MAX 2000

enum journey_retention_kind {
	JOURNEY_RETENTION_CLASSIC,  /* active in period k */
	JOURNEY_RETENTION_ROLLING,  /* active in k or later */
	JOURNEY_RETENTION_SURVIVAL, /* the same of a cohort; the curve over cohorts is that of Kaplan and Meier */
	JOURNEY_RETENTION_KINDS
};
extern const char *const journey_retention_kind_names[JOURNEY_RETENTION_KINDS];

struct journey_retention_query {
	const int64_t *bounds; /* ascending; period j is [bounds[j], bounds[j + 1]); each at least two hours long. Rows
	                          outside of all of them are not seen */
	size_t n_bounds;
	enum journey_retention_kind kind;
	struct str start, back; /* activities; "" any */
	bool weighted;          /* money of the back events, per period */
	struct str currency;    /* of the money; "" when the log has only one */
	bool people;            /* those of cohort `cohort` who count at `offset` */
	size_t cohort, offset;
};

struct journey_cohort {
	int64_t start_ms;
	int64_t size;
	size_t n;        /* offsets that have passed */
	int64_t *active; /* [offset] */
	int64_t *value;  /* [offset], minor units, of the period alone for every kind; NULL when not weighted */
};
struct journey_retention_point { /* at an offset, over the cohorts for which it has passed */
	int64_t active, size;
	struct stats_estimate share;
};
struct journey_retention {
	struct journey_cohort *cohorts; /* those with customers, by start */
	size_t n_cohorts;
	struct journey_retention_point *curve;
	size_t n_curve;
	int64_t customers;   /* in cohorts */
	struct str currency; /* of the values; "" without */
};

/*
 * Compiles; lives in the arena, borrows q and p.
 * Errors: ERR_INPUT for an unknown activity or currency, for several
 * currencies and none chosen, for cases that are not customers, for a figure
 * that is not there; ERR_LIMIT above JOURNEY_RETENTION_PERIODS_MAX periods.
 */
struct journey_retention_plan;
NODISCARD enum err_code journey_retention_plan(const struct journey_plan *p, const struct journey_retention_query *q,
                                               struct arena *a, struct journey_retention_plan **out, struct err *err);
/* O(rows), and O(periods^2) of memory. */
extern const struct journey_pass journey_retention_pass;
NODISCARD enum err_code journey_retention_result(const void *pass, struct arena *a, struct journey_retention *out,
                                                 struct err *err);
const struct journey_set *journey_retention_people(const void *pass);

#endif
