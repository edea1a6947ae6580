/* What employees say, and what customers had expected. */
#include "ask/priv.h"

/* Filters that speak of where an employee works; others tell customers apart, and no employee has them. */
static bool of_work(struct str dimension)
{
	return str_eq(dimension, STR("unit")) || str_eq(dimension, STR("environment"));
}

static enum err_code staff_run(struct ask *a, const struct journey_query *q, int64_t from_ms, int64_t to_ms,
                               const struct ask_staff_names *names, struct arena *m, struct journey_staff *out,
                               struct err *err)
{
	struct asking k;
	void *pass = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	uint16_t *places = rc == OK ? ARENA_ARRAY(&k.scratch, uint16_t, k.s->schema.events.n + 1) : NULL;
	if (rc == OK && !places) rc = err_no_memory(err);
	for (uint32_t i = 0; rc == OK && i < k.s->schema.events.n; i++)
		places[i] = names->touchpoint(names->ctx, journey_word(&k.s->schema.events, i));
	const struct journey_staff_question what = { places, from_ms, to_ms };
	if (rc == OK) rc = asking_pass(&k, &journey_staff_pass, &what, &pass, err);
	if (rc == OK) rc = journey_staff_result(pass, m, out, err);
	journey_staff_pass.free(pass);
	asking_done(&k);
	return rc;
}

enum err_code ask_staff(struct ask *a, const struct journey_query *q, const struct ask_staff_names *names,
                        struct arena *m, struct ask_staff *out, struct err *err)
{
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "what employees say needs a map");
	struct journey_query staff = *q;
	struct ask_staff r;
	staff.by = JOURNEY_BY_CUSTOMER; /* one id for all of them */
	staff.instance.cut = JOURNEY_CUT_CUSTOMER;
	staff.who = NULL;
	staff.segment = NULL;
	staff.n_filters = 0;
	for (size_t i = 0; i < q->n_filters; i++)
		if (of_work(q->filters[i].dimension)) staff.filters[staff.n_filters++] = q->filters[i];
	r.narrowed = staff.n_filters > 0;
	staff.from_ms = INT64_MIN, staff.to_ms = INT64_MAX; /* groups are of all times */
	TRY(staff_run(a, &staff, q->from_ms, q->to_ms, names, m, &r.said, err));
	r.period = r.said;
	if (r.narrowed) {
		staff.n_filters = 0;
		TRY(staff_run(a, &staff, q->from_ms, q->to_ms, names, m, &r.period, err));
	}
	r.ever = r.period;
	if (q->from_ms != INT64_MIN || q->to_ms != INT64_MAX)
		TRY(staff_run(a, &staff, INT64_MIN, INT64_MAX, names, m, &r.ever, err));
	*out = r;
	return OK;
}

enum err_code ask_expected(struct ask *a, const struct journey_query *q, struct arena *m, struct journey_expected *out,
                           struct err *err)
{
	struct asking k;
	void *pass = NULL;
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "what was expected needs a map");
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_expected_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_expected_result(pass, m, out, err);
	journey_expected_pass.free(pass);
	asking_done(&k);
	return rc;
}
