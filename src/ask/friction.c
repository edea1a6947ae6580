/* Friction, waits and tasks. */
#include "ask/priv.h"

enum err_code ask_friction(struct ask *a, const struct journey_query *q, const struct journey_friction_question *what,
                           struct arena *m, struct journey_friction *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_friction_pass, what, &pass, err);
	if (rc == OK) rc = journey_friction_result(pass, m, out, err);
	journey_friction_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_task(struct ask *a, const struct journey_query *q, const struct journey_task_question *what,
                       struct ask_task *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	struct ask_task t;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_task_pass, what, &pass, err);
	if (rc == OK) rc = journey_task_result(pass, &t.counts, err);
	if (rc == OK) rc = stats_proportion(t.counts.completed, t.counts.started, &t.success, err);
	if (rc == OK) *out = t;
	journey_task_pass.free(pass);
	asking_done(&k);
	return rc;
}
