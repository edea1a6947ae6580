/* The silent majority: what those would have said who did not answer. */
#include "ask/priv.h"

static enum err_code plan(struct asking *k, const struct journey_silent_query *what, struct journey_silent_plan **out,
                          struct err *err)
{
	static const struct journey_simplify all = { .activities = 1, .edges = 1 };
	struct journey_activities activities;
	struct journey_choice choice;
	TRY(asking_activities(k, &k->scratch, &activities, err));
	TRY(journey_choose(&activities, &all, &k->scratch, &choice, err));
	return journey_silent_plan(k->plan, what, &choice, &k->scratch, out, err);
}

enum err_code ask_silent(struct ask *a, const struct journey_query *q, const struct journey_silent_query *what,
                         struct stats_silent *out, struct err *err)
{
	struct asking k;
	struct journey_silent_plan *p;
	struct journey_query people = *q;
	void *pass = NULL;
	people.by = JOURNEY_BY_CUSTOMER; /* one row for each of them, whatever a journey is */
	people.instance.cut = JOURNEY_CUT_CUSTOMER;
	enum err_code rc = asking_start(&k, a, &people, err);
	if (rc == OK) rc = plan(&k, what, &p, err);
	if (rc == OK) rc = asking_pass(&k, &journey_silent_pass, p, &pass, err);
	if (rc == OK) rc = journey_silent_result(pass, out, err);
	journey_silent_pass.free(pass);
	asking_done(&k);
	return rc;
}
