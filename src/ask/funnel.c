/* Funnels, and who is behind a figure of one. */
#include "ask/priv.h"

static enum err_code run(struct asking *k, struct ask *a, const struct journey_query *q,
                         const struct journey_funnel_query *f, void **pass, struct err *err)
{
	struct journey_funnel_plan *plan;
	TRY(asking_start(k, a, q, err));
	TRY(journey_funnel_plan(k->plan, f, &k->scratch, &plan, err));
	return asking_pass(k, &journey_funnel_pass, plan, pass, err);
}

enum err_code ask_funnel(struct ask *a, const struct journey_query *q, const struct journey_funnel_query *f,
                         struct arena *m, struct journey_funnel *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	TRY(asking_needs(a, f->by, "by", err));
	enum err_code rc = run(&k, a, q, f, &pass, err);
	if (rc == OK) rc = journey_funnel_result(pass, m, out, err);
	journey_funnel_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_funnel_people(struct ask *a, const struct journey_query *q, const struct journey_funnel_query *f,
                                uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                struct err *err)
{
	struct asking k;
	void *pass = NULL;
	TRY(asking_needs(a, f->by, "by", err));
	enum err_code rc = run(&k, a, q, f, &pass, err);
	if (rc == OK) rc = asking_members(&k, journey_funnel_people(pass), cursor, limit, m, out, err);
	journey_funnel_pass.free(pass);
	asking_done(&k);
	return rc;
}
