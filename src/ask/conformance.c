/* How far journeys are from the one intended. */
#include "ask/priv.h"

enum err_code ask_conformance(struct ask *a, const struct journey_query *q, const struct journey_model *model,
                              struct arena *m, struct journey_conformance *out, struct err *err)
{
	const struct journey_conformance_query what = { .model = model };
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_conformance_pass, &what, &pass, err);
	if (rc == OK) rc = journey_conformance_result(pass, m, out, err);
	journey_conformance_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_conformance_people(struct ask *a, const struct journey_query *q, const struct journey_model *model,
                                     const struct journey_conformance_figure *figure, uint64_t cursor, size_t limit,
                                     struct arena *m, struct ask_members *out, struct err *err)
{
	const struct journey_conformance_query what = { .model = model, .figure = figure };
	struct asking k;
	void *pass = NULL;
	const struct journey_set *set = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_conformance_pass, &what, &pass, err);
	if (rc == OK) rc = journey_conformance_people(pass, &set, err);
	if (rc == OK) rc = asking_members(&k, set, cursor, limit, m, out, err);
	journey_conformance_pass.free(pass);
	asking_done(&k);
	return rc;
}
