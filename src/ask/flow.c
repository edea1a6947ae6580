/* Questions about flow: graph, variants, proposal, gap. */
#include "ask/priv.h"

struct flow_what {
	unsigned parts;
	uint32_t cut;
	size_t top;
};

static void *flow_make(const struct journey_plan *p, const void *what)
{
	const struct flow_what *w = what;
	struct journey_flow *f = journey_flow_new(p, w->parts);
	if (!f) return NULL;
	journey_flow_cut(f, w->cut);
	journey_flow_keep(f, w->top);
	return f;
}

static void flow_add(void *pass, const struct journey_columns *c)
{
	journey_flow_add(pass, c);
}

static void flow_merge(void *pass, void *from)
{
	journey_flow_merge(pass, from);
}

static void flow_free(void *pass)
{
	journey_flow_free(pass);
}

static const struct journey_pass flow_pass = { flow_make, flow_add, flow_merge, flow_free };

static void flow_share(void *ctx, int hand, uint32_t share)
{
	journey_flow_share(ctx, share);
}

enum err_code asking_flow(struct asking *k, unsigned parts, uint32_t cut, size_t top, struct journey_flow **out,
                          struct err *err)
{
	const struct flow_what what = { parts, cut, top };
	void *pass = NULL;
	TRY(asking_pass(k, &flow_pass, &what, &pass, err));
	if (parts & JOURNEY_FLOW_VARIANTS) asking_shares(k, JOURNEY_FLOW_SHARES, flow_share, pass);
	*out = pass;
	return OK;
}

enum err_code ask_dfg(struct ask *a, const struct journey_query *q, unsigned parts, struct arena *m,
                      struct journey_dfg *out, struct err *err)
{
	struct asking k;
	struct journey_flow *f = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_flow(&k, parts, 0, 0, &f, err);
	if (rc == OK) rc = journey_flow_dfg(f, m, out, err);
	journey_flow_free(f);
	asking_done(&k);
	return rc;
}

enum err_code ask_variants(struct ask *a, const struct journey_query *q, size_t top, uint32_t cut, struct arena *m,
                           struct journey_variants *out, struct err *err)
{
	struct asking k;
	struct journey_flow *f = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_flow(&k, JOURNEY_FLOW_VARIANTS, cut, top, &f, err);
	if (rc == OK) rc = journey_flow_variants(f, top, m, out, err);
	journey_flow_free(f);
	asking_done(&k);
	return rc;
}

enum err_code ask_variant_people(struct ask *a, const struct journey_query *q, uint64_t id, uint32_t cut,
                                 uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                 struct err *err)
{
	struct asking k;
	struct journey_variant_figure f;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = journey_variant_figure(k.plan, id, cut, &k.scratch, &f, err);
	if (rc == OK)
		rc = asking_behind(&k, &(struct journey_behind){ journey_variant_holds, &f }, cursor, limit, m, out,
		                   err);
	asking_done(&k);
	return rc;
}

enum err_code ask_propose(struct ask *a, const struct journey_query *q, size_t steps_max, struct arena *m,
                          struct journey_proposal *out, struct err *err)
{
	struct asking k;
	struct journey_flow *f = NULL;
	struct journey_dfg g;
	double *positions;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_flow(&k, JOURNEY_FLOW_MEANS | JOURNEY_FLOW_POSITIONS, 0, 0, &f, err);
	if (rc == OK) rc = journey_flow_dfg(f, m, &g, err);
	if (rc == OK) rc = journey_flow_positions(f, &g, m, &positions, err);
	if (rc == OK) rc = journey_propose(&g, positions, steps_max, m, out, err);
	journey_flow_free(f);
	asking_done(&k);
	return rc;
}

static void *make_gaps(void *ctx)
{
	return calloc(1, sizeof(struct journey_gaps));
}

static void add_gaps(void *ctx, void *acc, const struct journey_columns *c)
{
	journey_gaps_add(acc, c);
}

enum err_code ask_gap(struct ask *a, int64_t *gap_ms, struct err *err)
{
	const struct journey_query all = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	const struct scan scan = { .make = make_gaps, .each = add_gaps };
	struct journey_gaps sum = { 0 };
	struct asking k;
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	enum err_code rc = asking_start(&k, a, &all, err);
	if (rc == OK) rc = asking_scan(&k, &scan, accs, &n, err);
	for (int i = 0; i < n; i++) {
		const struct journey_gaps *g = accs[i];
		for (int c = 0; c < JOURNEY_GAP_CLASSES; c++) sum.classes[c] += g->classes[c];
		free(accs[i]);
	}
	if (rc == OK) *gap_ms = journey_gap_find(&sum);
	asking_done(&k);
	return rc;
}
