/* Outcome lift, and who is behind a figure of it. */
#include "ask/priv.h"

static enum err_code run(struct asking *k, struct ask *a, const struct journey_query *q,
                         const struct journey_lift_query *l, void **pass, struct err *err)
{
	struct journey_lift_plan *plan;
	TRY(asking_start(k, a, q, err));
	TRY(journey_lift_plan(k->plan, l, &k->scratch, &plan, err));
	return asking_pass(k, &journey_lift_pass, plan, pass, err);
}

enum err_code ask_lift(struct ask *a, const struct journey_query *q, const struct journey_lift_query *l,
                       struct arena *m, struct journey_lift *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, l, &pass, err);
	if (rc == OK) rc = journey_lift_result(pass, m, out, err);
	journey_lift_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_lift_people(struct ask *a, const struct journey_query *q, const struct journey_lift_query *l,
                              uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, l, &pass, err);
	if (rc == OK) rc = asking_members(&k, journey_lift_people(pass), cursor, limit, m, out, err);
	journey_lift_pass.free(pass);
	asking_done(&k);
	return rc;
}
