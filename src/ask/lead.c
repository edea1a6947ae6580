/* What staff reported before customers felt it. */
#include "ask/priv.h"

enum err_code ask_lead(struct ask *a, const struct journey_query *q, const struct journey_lead_query *what,
                       struct arena *m, struct journey_lead *out, struct err *err)
{
	struct asking k;
	struct journey_query people = *q;
	struct journey_lead_plan *plan;
	void *pass = NULL;
	people.by = JOURNEY_BY_CUSTOMER; /* a report may speak of any event of the customer before it */
	people.instance.cut = JOURNEY_CUT_CUSTOMER;
	enum err_code rc = asking_start(&k, a, &people, err);
	if (rc == OK) rc = journey_lead_plan(k.plan, what, &k.scratch, &plan, err);
	if (rc == OK) rc = asking_pass(&k, &journey_lead_pass, plan, &pass, err);
	if (rc == OK) rc = journey_lead_result(pass, m, out, err);
	journey_lead_pass.free(pass);
	asking_done(&k);
	return rc;
}
