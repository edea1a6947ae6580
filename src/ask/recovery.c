/* Service recovery: whole histories of customers; the question's period bounds the bad experience. */
#include "ask/priv.h"

enum err_code ask_recovery(struct ask *a, const struct journey_query *q, const struct journey_recovery_query *what,
                           struct arena *m, struct journey_recovery *out, struct err *err)
{
	struct asking k;
	struct journey_query whole = *q;
	struct journey_recovery_query w = *what;
	struct journey_recovery_plan *plan;
	void *pass = NULL;
	w.from_ms = q->from_ms, w.to_ms = q->to_ms;
	whole.by = JOURNEY_BY_CUSTOMER;
	whole.instance.cut = JOURNEY_CUT_CUSTOMER;
	whole.from_ms = INT64_MIN, whole.to_ms = INT64_MAX;
	TRY(asking_needs(a, what->by, "by", err));
	enum err_code rc = asking_start(&k, a, &whole, err);
	if (rc == OK) rc = journey_recovery_plan(k.plan, &w, &k.scratch, &plan, err);
	if (rc == OK) rc = asking_pass(&k, &journey_recovery_pass, plan, &pass, err);
	if (rc == OK) rc = journey_recovery_result(pass, m, out, err);
	journey_recovery_pass.free(pass);
	asking_done(&k);
	return rc;
}
