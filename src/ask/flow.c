/* Questions about flow: graph, variants, proposal, gap. */
#include "ask/priv.h"

struct flow_ctx {
	const struct journey_plan *plan;
	unsigned parts;
};

static void *make_flow(void *ctx)
{
	const struct flow_ctx *f = ctx;
	return journey_flow_new(f->plan, f->parts);
}

static void add_flow(void *ctx, void *acc, const struct journey_columns *c)
{
	journey_flow_add(acc, c);
}

static enum err_code scan_flow(struct asking *k, const struct journey_query *q, unsigned parts,
                               struct journey_flow **out, struct err *err)
{
	struct flow_ctx ctx = { k->plan, parts };
	const struct scan scan = { .make = make_flow, .each = add_flow, .ctx = &ctx, .codes = true };
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	const enum err_code rc = asking_scan(k, &scan, accs, &n, err);
	for (int i = 1; i < n; i++) {
		if (rc == OK) journey_flow_merge(accs[0], accs[i]);
		journey_flow_free(accs[i]);
	}
	if (rc == OK) *out = accs[0];
	else if (n) journey_flow_free(accs[0]);
	return rc;
}

enum err_code ask_dfg(struct ask *a, const struct journey_query *q, struct arena *m, struct journey_dfg *out,
                      struct err *err)
{
	struct asking k;
	struct journey_flow *f = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = scan_flow(&k, q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &f, err);
	if (rc == OK) rc = journey_flow_dfg(f, m, out, err);
	journey_flow_free(f);
	asking_done(&k);
	return rc;
}

enum err_code ask_variants(struct ask *a, const struct journey_query *q, size_t top, struct arena *m,
                           struct journey_variants *out, struct err *err)
{
	struct asking k;
	struct journey_flow *f = NULL;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = scan_flow(&k, q, JOURNEY_FLOW_VARIANTS, &f, err);
	if (rc == OK) rc = journey_flow_variants(f, top, m, out, err);
	journey_flow_free(f);
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
	if (rc == OK) rc = scan_flow(&k, q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_POSITIONS, &f, err);
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
