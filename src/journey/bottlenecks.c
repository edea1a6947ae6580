/* Waits by edge. */
#include "journey/priv.h"

#include <math.h>

struct waits {
	const struct journey_plan *p;
	struct pairs edges;
	struct journey_durations *of;
	uint32_t cap;
	struct cases cs;
};

static void waits_free(void *pass)
{
	struct waits *w = pass;
	if (!w) return;
	for (uint32_t i = 0; i < w->edges.n && w->of; i++) journey_durations_done(&w->of[i]);
	free(w->of);
	pairs_done(&w->edges);
	cases_done(&w->cs);
	free(w);
}

static void *waits_make(const struct journey_plan *p, const void *what)
{
	struct waits *w = calloc(1, sizeof *w);
	if (w) w->p = p;
	return w;
}

static struct journey_durations *wait_of(struct waits *w, uint32_t from, uint32_t to)
{
	/* Room comes before the place, so that every place has its durations. */
	if (!grow((void **)&w->of, &w->cap, w->edges.n + 1, sizeof *w->of)) {
		w->edges.failed = true;
		return NULL;
	}
	const uint32_t before = w->edges.n, at = pairs_place(&w->edges, from, to);
	if (at == NO_PLACE) return NULL;
	if (w->edges.n > before) w->of[at] = (struct journey_durations){ 0 };
	return &w->of[at];
}

static void waits_add(void *pass, const struct journey_columns *c)
{
	struct waits *w = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(w->p, c, i, &w->cs);
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&w->cs, k);
			for (uint32_t r = 1; r < s.n; r++) {
				struct journey_durations *d = wait_of(w, s.code[r - 1], s.code[r]);
				if (!d) return;
				journey_durations_add(d, s.at_ms[r] - s.at_ms[r - 1]);
			}
		}
	}
}

static void waits_merge(void *pass, void *from)
{
	struct waits *w = pass;
	const struct waits *o = from;
	w->cs.failed |= o->cs.failed;
	w->edges.failed |= o->edges.failed;
	for (uint32_t i = 0; i < o->edges.n; i++) {
		struct journey_durations *d = wait_of(w, o->edges.list[i].a, o->edges.list[i].b);
		if (!d) return;
		journey_durations_merge(d, &o->of[i]);
	}
}

const struct journey_pass journey_waits_pass = { waits_make, waits_add, waits_merge, waits_free };

static int worst_first(const void *x, const void *y)
{
	const struct journey_bottleneck *a = x, *b = y;
	if (a->score != b->score) return a->score > b->score ? -1 : 1;
	if (a->total_ms != b->total_ms) return a->total_ms > b->total_ms ? -1 : 1;
	const int c = str_cmp(a->from, b->from);
	return c ? c : str_cmp(a->to, b->to);
}

enum err_code journey_bottlenecks_result(const void *pass, int64_t target_ms, struct arena *a,
                                         struct journey_bottlenecks *out, struct err *err)
{
	const struct waits *w = pass;
	if (target_ms < 0)
		return err_set(err, ERR_INPUT, "bottlenecks.target", "target", "a wait cannot be shorter than nothing");
	if (w->cs.failed || w->edges.failed) return err_no_memory(err);
	struct journey_bottlenecks r = { .n = w->edges.n };
	r.edges = ARENA_ARRAY(a, struct journey_bottleneck, r.n);
	if (!r.edges) return err_no_memory(err);
	for (uint32_t i = 0; i < r.n; i++) {
		struct journey_bottleneck *e = &r.edges[i];
		const struct journey_durations *d = &w->of[i];
		if (d->failed) return err_no_memory(err);
		*e = (struct journey_bottleneck){ .from = activity_name(w->p, w->edges.list[i].a),
			                          .to = activity_name(w->p, w->edges.list[i].b),
			                          .total_ms = d->sum };
		journey_durations_times(d, &e->times);
		e->score = (double)d->n * fmax(0, e->times.p50 - (double)target_ms);
		r.total_ms += d->sum;
	}
	for (size_t i = 0; i < r.n && r.total_ms > 0; i++)
		r.edges[i].share = (double)r.edges[i].total_ms / (double)r.total_ms;
	qsort(r.edges, r.n, sizeof *r.edges, worst_first);
	*out = r;
	return OK;
}
