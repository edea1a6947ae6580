/* Retention: periods of the organisation's zone over the snapshot's time, and who is behind a figure. */
#include "ask/priv.h"

enum err_code asking_periods(const struct asking *k, const struct journey_query *q, const struct ask_periods *what,
                             size_t max, struct arena *m, const int64_t **bounds, size_t *n, struct err *err)
{
	const int64_t oldest = k->s->oldest_ms, newest = k->s->schema.newest_ms;
	const int64_t from = q->from_ms > oldest ? q->from_ms : oldest;
	const int64_t to = q->to_ms <= newest ? q->to_ms - 1 : newest;
	int64_t *made = NULL;
	struct zone *zone;
	TRY(zone_open(what->zone, &zone, err));
	const enum err_code rc = period_bounds(&what->rule, zone, from, to > from ? to : from, max, m, &made, n, err);
	zone_close(zone);
	if (rc == ERR_LIMIT) err_hint(err, "Choose longer periods, or a shorter time with `from` and `to`.");
	if (rc == OK) *bounds = made;
	return rc;
}

static enum err_code cohort_of(const struct ask_retention_question *what, struct journey_retention_query *out,
                               struct err *err)
{
	out->people = what->people;
	out->offset = what->offset;
	if (!what->people) return OK;
	while (out->cohort < out->n_bounds && out->bounds[out->cohort] != what->cohort_ms) out->cohort++;
	if (out->cohort < out->n_bounds) return OK;
	return err_set(err, ERR_INPUT, "retention.cohort", "cohort", "no cohort begins at %lld",
	               (long long)what->cohort_ms);
}

/* *pass stays NULL when there is no event yet. The customer is the case, whatever the map's instances are. */
static enum err_code run(struct asking *k, struct ask *a, const struct journey_query *q,
                         const struct ask_retention_question *what, void **pass, struct err *err)
{
	struct journey_query *all = ARENA_ARRAY(what->m, struct journey_query, 1);
	struct journey_retention_query *r = ARENA_ARRAY(what->m, struct journey_retention_query, 1);
	struct journey_retention_plan *plan;
	*k = (struct asking){ 0 };
	if (!all || !r) return err_no_memory(err);
	*all = *q;
	all->by = JOURNEY_BY_CUSTOMER;
	*r = (struct journey_retention_query){ .kind = what->kind,
		                               .start = what->start,
		                               .back = what->back,
		                               .weighted = what->weighted,
		                               .currency = what->currency };
	TRY(asking_start(k, a, all, err));
	if (!k->s->events) return OK;
	TRY(asking_periods(k, all, &what->periods, JOURNEY_RETENTION_PERIODS_MAX, what->m, &r->bounds, &r->n_bounds,
	                   err));
	TRY(cohort_of(what, r, err));
	TRY(journey_retention_plan(k->plan, r, &k->scratch, &plan, err));
	return asking_pass(k, &journey_retention_pass, plan, pass, err);
}

enum err_code ask_retention(struct ask *a, const struct journey_query *q, const struct ask_retention_question *what,
                            struct journey_retention *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, what, &pass, err);
	if (rc == OK) *out = (struct journey_retention){ 0 };
	if (rc == OK && pass) rc = journey_retention_result(pass, what->m, out, err);
	journey_retention_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_retention_people(struct ask *a, const struct journey_query *q,
                                   const struct ask_retention_question *what, uint64_t cursor, size_t limit,
                                   struct ask_members *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, what, &pass, err);
	if (rc == OK) *out = (struct ask_members){ 0 };
	if (rc == OK && pass) rc = asking_members(&k, journey_retention_people(pass), cursor, limit, what->m, out, err);
	journey_retention_pass.free(pass);
	asking_done(&k);
	return rc;
}
