/* What goes wrong between events: doing it again, hand-overs, waits. */
#include "ask/priv.h"

enum err_code ask_rework(struct ask *a, const struct journey_query *q, struct arena *m, struct journey_rework *out,
                         struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_rework_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_rework_result(pass, m, out, err);
	journey_rework_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_rework_people(struct ask *a, const struct journey_query *q, const struct ask_rework_figure *figure,
                                uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                struct err *err)
{
	struct asking k;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) {
		const struct journey_rework_figure f = { .part = figure->part,
			                                 .a = journey_activity_find(k.base, figure->a),
			                                 .b = journey_activity_find(k.base, figure->b) };
		rc = asking_behind(&k, &(struct journey_behind){ journey_rework_holds, &f }, cursor, limit, m, out,
		                   err);
	}
	asking_done(&k);
	return rc;
}

enum err_code ask_handovers(struct ask *a, const struct journey_query *q, struct arena *m,
                            struct journey_handovers *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_handovers_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_handovers_result(pass, m, out, err);
	journey_handovers_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_handover_people(struct ask *a, const struct journey_query *q,
                                  const struct journey_handover_figure *figure, uint64_t cursor, size_t limit,
                                  struct arena *m, struct ask_members *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	const struct journey_set *set = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_handover_people_pass, figure, &pass, err);
	if (rc == OK) rc = journey_handover_people(pass, &set, err);
	if (rc == OK) rc = asking_members(&k, set, cursor, limit, m, out, err);
	journey_handover_people_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_bottlenecks(struct ask *a, const struct journey_query *q, int64_t target_ms, struct arena *m,
                              struct journey_bottlenecks *out, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_waits_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_bottlenecks_result(pass, target_ms, m, out, err);
	journey_waits_pass.free(pass);
	asking_done(&k);
	return rc;
}
