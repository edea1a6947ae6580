/* The simplified graph: activities, then the graph of those kept, over one snapshot; and the people behind a figure of
 * a graph. */
#include "ask/priv.h"

enum err_code asking_activities(struct asking *k, struct arena *m, struct journey_activities *out, struct err *err)
{
	void *visits = NULL;
	TRY(asking_pass(k, &journey_visits_pass, NULL, &visits, err));
	const enum err_code rc = journey_visits_list(visits, m, out, err);
	journey_visits_pass.free(visits);
	return rc;
}

enum err_code ask_activities(struct ask *a, const struct journey_query *q, struct arena *m, struct ask_activities *out,
                             struct err *err)
{
	struct asking k;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_activities(&k, m, &out->all, err);
	if (rc == OK) out->arrival_end = k.s->schema.arrival_end;
	asking_done(&k);
	return rc;
}

/* Chooses the activities and leaves the plan that sees no others in k. Codes of another snapshot are other codes. */
static enum err_code choose(struct asking *k, const struct ask_activities *known, const struct journey_simplify *what,
                            struct arena *m, struct journey_choice *out, struct err *err)
{
	struct journey_activities all;
	if (known && known->arrival_end == k->s->schema.arrival_end) all = known->all;
	else TRY(asking_activities(k, &k->scratch, &all, err));
	TRY(journey_choose(&all, what, m, out, err));
	return journey_plan_keep(k->base, out->keep, &k->scratch, &k->plan, err);
}

enum err_code ask_graph(struct ask *a, const struct journey_query *q, const struct ask_activities *known,
                        const struct journey_simplify *what, bool variants, struct arena *m, struct ask_graph *out,
                        struct err *err)
{
	struct asking k;
	struct journey_flow *flow = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = choose(&k, known, what, m, &out->choice, err);
	if (rc == OK)
		rc = asking_flow(&k, JOURNEY_FLOW_EDGES | (variants ? JOURNEY_FLOW_VARIANTS : 0), 0, 0, &flow, err);
	if (rc == OK) rc = journey_flow_dfg(flow, m, &out->graph, err);
	journey_flow_free(flow);
	asking_done(&k);
	return rc;
}

enum err_code ask_flow_people(struct ask *a, const struct journey_query *q, const struct journey_simplify *what,
                              const struct ask_flow_figure *figure, uint64_t cursor, size_t limit, struct arena *m,
                              struct ask_members *out, struct err *err)
{
	struct asking k;
	struct journey_choice choice;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK && what) rc = choose(&k, NULL, what, m, &choice, err);
	if (rc == OK) {
		const struct journey_flow_figure f = { .part = figure->part,
			                               .activity = journey_activity_find(k.base, figure->activity),
			                               .to = journey_activity_find(k.base, figure->to) };
		rc = asking_behind(&k, &(struct journey_behind){ journey_flow_holds, &f }, cursor, limit, m, out, err);
	}
	asking_done(&k);
	return rc;
}
