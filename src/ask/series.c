/* Scores by period of the organisation's zone, and who is behind one. */
#include "ask/priv.h"

/* *pass stays NULL when there is no event yet. */
static enum err_code run(struct asking *k, struct ask *a, const struct journey_query *q,
                         const struct ask_series_question *what, void **pass, struct err *err)
{
	struct journey_series_query *s = ARENA_NEW(what->m, struct journey_series_query);
	struct journey_series_plan *plan;
	*k = (struct asking){ 0 };
	if (!s) return err_no_memory(err);
	*s = (struct journey_series_query){ .kind = what->kind,
		                            .by = what->by,
		                            .touchpoint = what->touchpoint,
		                            .people = what->people,
		                            .value = what->value,
		                            .start_ms = what->start_ms };
	TRY(asking_start(k, a, q, err));
	if (!k->s->events) return OK;
	s->newest_ms = k->s->schema.newest_ms;
	TRY(asking_periods(k, q, &what->periods, JOURNEY_SERIES_PERIODS_MAX, what->m, &s->bounds, &s->n_bounds, err));
	TRY(journey_series_plan(k->plan, s, &k->scratch, &plan, err));
	return asking_pass(k, &journey_series_pass, plan, pass, err);
}

enum err_code ask_series(struct ask *a, const struct journey_query *q, const struct ask_series_question *what,
                         struct journey_series *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, what, &pass, err);
	if (rc == OK) *out = (struct journey_series){ 0 };
	if (rc == OK && pass) rc = journey_series_result(pass, what->m, out, err);
	journey_series_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_series_people(struct ask *a, const struct journey_query *q, const struct ask_series_question *what,
                                uint64_t cursor, size_t limit, struct ask_members *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, what, &pass, err);
	if (rc == OK) *out = (struct ask_members){ 0 };
	if (rc == OK && pass) rc = asking_members(&k, journey_series_people(pass), cursor, limit, what->m, out, err);
	journey_series_pass.free(pass);
	asking_done(&k);
	return rc;
}
