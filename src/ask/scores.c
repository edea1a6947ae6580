/* Scores by activity and value, and who is behind one; answers of one event type. */
#include "ask/priv.h"

static enum err_code run(struct asking *k, struct ask *a, const struct journey_query *q,
                         const struct journey_scores_query *s, void **pass, struct err *err)
{
	struct journey_scores_plan *plan;
	TRY(asking_start(k, a, q, err));
	TRY(journey_scores_plan(k->plan, s, &k->scratch, &plan, err));
	return asking_pass(k, &journey_scores_pass, plan, pass, err);
}

enum err_code ask_scores(struct ask *a, const struct journey_query *q, const struct journey_scores_query *s,
                         struct arena *m, struct journey_scores *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, s, &pass, err);
	if (rc == OK) rc = journey_scores_result(pass, m, out, err);
	journey_scores_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_scores_people(struct ask *a, const struct journey_query *q, const struct journey_scores_query *s,
                                uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = run(&k, a, q, s, &pass, err);
	if (rc == OK) rc = asking_members(&k, journey_scores_people(pass), cursor, limit, m, out, err);
	journey_scores_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_answers(struct ask *a, const struct journey_query *q, const struct journey_answers_query *s,
                          struct journey_answers *out, struct err *err)
{
	struct asking k;
	struct journey_answers_plan *plan;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = journey_answers_plan(k.plan, s, &k.scratch, &plan, err);
	if (rc == OK) rc = asking_pass(&k, &journey_answers_pass, plan, &pass, err);
	if (rc == OK) rc = journey_answers_result(pass, out, err);
	journey_answers_pass.free(pass);
	asking_done(&k);
	return rc;
}
