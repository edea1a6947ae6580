/*
 * The simplified graph: which activities stay, which arcs are drawn. The
 * counting itself is the flow's; here are the sums that the choice needs and
 * a graph of at most 32 nodes, the start and the end among them.
 */
#include "journey/priv.h"

#include <math.h>

/* --- every activity of the log ---------------------------------------------------------------- */

struct spot {
	int64_t count, customers, cases;
	uint32_t last_customer, last_case;
	struct cluster own; /* ratings of the customer at hand */
	struct side ratings;
};

struct journey_visits {
	const struct journey_plan *p;
	struct spot *spots; /* [code] */
	uint32_t n;
	uint32_t customer, instance; /* serials */
	int64_t events, cases;
	uint32_t *rated, n_rated; /* codes with ratings of the customer at hand */
	struct cases cs;
};

static void visits_free(void *pass)
{
	struct journey_visits *v = pass;
	if (!v) return;
	cases_done(&v->cs);
	free(v->spots);
	free(v->rated);
	free(v);
}

static void *visits_make(const struct journey_plan *p, const void *what)
{
	struct journey_visits *v = calloc(1, sizeof *v);
	if (!v) return NULL;
	v->p = p;
	v->n = activities_of(p);
	v->spots = calloc(v->n, sizeof *v->spots);
	v->rated = calloc(v->n, sizeof *v->rated);
	if (v->spots && v->rated) return v;
	visits_free(v);
	return NULL;
}

static void count_case(struct journey_visits *v, const struct span *s)
{
	v->instance++;
	v->cases++;
	v->events += s->n;
	for (uint32_t i = 0; i < s->n; i++) {
		struct spot *a = &v->spots[s->code[i]];
		a->count++;
		a->cases += a->last_case != v->instance;
		a->last_case = v->instance;
		a->customers += a->last_customer != v->customer;
		a->last_customer = v->customer;
	}
}

static void rating_add(struct journey_visits *v, uint16_t code, double utility)
{
	struct cluster *own = &v->spots[code].own;
	if (own->n == 0) v->rated[v->n_rated++] = code;
	own->n++;
	own->s += fix(utility);
}

/*
 * Ratings of a case by the activity that they speak of; those about none, or
 * the whole case, are left out. Evidence stands in order of rows, and so do
 * the rows of a case: both are walked together.
 */
static void ratings_of_case(struct journey_visits *v, const struct journey_columns *c, uint32_t customer, uint32_t k,
                            const struct span *s)
{
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(s, s->n - 1);
	uint32_t place = 0;
	for (uint32_t e = evidence_from(c, customer, span_row(s, 0)); e < end && c->evidence[e].row <= last; e++) {
		const uint32_t row = c->evidence[e].row;
		bool whole;
		if (c->evidence[e].what != JOURNEY_RATING) continue;
		if (!s->row) place = row - s->first;
		while (span_row(s, place) < row) place++;
		if (span_row(s, place) != row) continue;
		const uint16_t code = evidence_touchpoint(v->p, c, &v->cs, k, place, &c->evidence[e], &whole);
		if (code) rating_add(v, code, (double)c->evidence[e].utility);
	}
}

static void customer_end(struct journey_visits *v)
{
	for (; v->n_rated; v->n_rated--) {
		struct spot *a = &v->spots[v->rated[v->n_rated - 1]];
		side_add(&a->ratings, &a->own, 1);
		a->own = (struct cluster){ 0 };
	}
}

static void visits_add(void *pass, const struct journey_columns *c)
{
	struct journey_visits *v = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(v->p, c, i, &v->cs);
		if (n == 0) continue;
		v->customer++;
		const bool evidence = c->evidence_offset[i] < c->evidence_offset[i + 1];
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&v->cs, k);
			count_case(v, &s);
			if (evidence) ratings_of_case(v, c, i, k, &s);
		}
		customer_end(v);
	}
}

static void visits_merge(void *pass, void *from)
{
	struct journey_visits *v = pass;
	const struct journey_visits *o = from;
	v->cs.failed |= o->cs.failed;
	v->events += o->events;
	v->cases += o->cases;
	for (uint32_t i = 0; i < v->n; i++) {
		v->spots[i].count += o->spots[i].count;
		v->spots[i].customers += o->spots[i].customers;
		v->spots[i].cases += o->spots[i].cases;
		side_merge(&v->spots[i].ratings, &o->spots[i].ratings);
	}
}

const struct journey_pass journey_visits_pass = { visits_make, visits_add, visits_merge, visits_free };

/* --- activities -------------------------------------------------------------------------------- */

static int by_cases(const void *x, const void *y)
{
	const struct journey_view_activity *a = x, *b = y;
	if (a->cases != b->cases) return a->cases > b->cases ? -1 : 1;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	return str_cmp(a->name, b->name);
}

/* Whether `sum` of `total` is the share asked for; rounding of the product does not ask for one more. */
static bool enough(int64_t sum, int64_t total, double share)
{
	return (double)sum >= share * (double)total * (1 - 1e-12);
}

static struct stats_estimate score_of(const struct side *ratings)
{
	struct stats_estimate e;
	const struct stats_group g = side_group(ratings);
	stats_mean_group(&g, &e);
	stats_on_scale(&e, (struct interval){ 0, 100 });
	stats_mark(&e);
	return e;
}

static enum err_code check_share(double share, const char *field, struct err *err)
{
	if ((share >= 0 && share <= 1) || share == JOURNEY_AT_SIGHT) return OK;
	return err_set(err, ERR_INPUT, "flow.share", field, "a share is between 0 and 1, not %g", share);
}

enum err_code journey_visits_list(const struct journey_visits *v, struct arena *a, struct journey_activities *out,
                                  struct err *err)
{
	if (v->cs.failed) return err_no_memory(err);
	struct journey_view_activity *all = ARENA_ARRAY(a, struct journey_view_activity, v->n);
	if (!all) return err_no_memory(err);
	size_t n = 0;
	for (uint32_t i = 0; i < v->n; i++) {
		const struct spot *s = &v->spots[i];
		if (!s->count) continue;
		all[n++] = (struct journey_view_activity){ .name = activity_name(v->p, i),
			                                   .code = i,
			                                   .count = s->count,
			                                   .customers = s->customers,
			                                   .cases = s->cases,
			                                   .score = score_of(&s->ratings) };
	}
	qsort(all, n, sizeof *all, by_cases);
	*out = (struct journey_activities){ all, n, v->n, v->events, v->cases };
	return OK;
}

/* How many of the list are kept. */
static size_t chosen(const struct journey_activities *all, double share)
{
	size_t kept = 0;
	int64_t events = 0;
	if (share < 0) return all->n < JOURNEY_SIGHT_ACTIVITIES ? all->n : JOURNEY_SIGHT_ACTIVITIES;
	while (kept < all->n && kept < JOURNEY_VIEW_MAX && (kept == 0 || !enough(events, all->events, share)))
		events += all->list[kept++].count;
	return kept;
}

enum err_code journey_choose(const struct journey_activities *all, const struct journey_simplify *what, struct arena *a,
                             struct journey_choice *out, struct err *err)
{
	TRY(check_share(what->activities, "activities", err));
	TRY(check_share(what->edges, "edges", err));
	const size_t n = chosen(all, what->activities);
	struct journey_view_activity *kept = ARENA_ARRAY(a, struct journey_view_activity, n);
	uint8_t *keep = ARENA_ARRAY(a, uint8_t, all->n_codes);
	if (!kept || !keep) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		kept[i] = all->list[i];
		keep[kept[i].code] = 1;
	}
	*out = (struct journey_choice){ .kept = kept,
		                        .n_kept = n,
		                        .keep = n < all->n ? keep : NULL,
		                        .activities = (int64_t)all->n,
		                        .events = all->events,
		                        .cases = all->cases };
	return OK;
}

enum err_code journey_plan_keep(const struct journey_plan *p, const uint8_t *keep, struct arena *a,
                                struct journey_plan **out, struct err *err)
{
	struct journey_plan *n = ARENA_NEW(a, struct journey_plan);
	if (!n) return err_no_memory(err);
	*n = *p;
	n->keep = keep;
	n->ranges = p->ranges && !keep;
	n->plain = p->plain && !keep;
	*out = n;
	return OK;
}

/* --- arcs ---------------------------------------------------------------------------------------- */

enum { NODES_MAX = JOURNEY_VIEW_MAX + 2 };
#define NO_ARC SIZE_MAX

struct arc {
	uint32_t from, to;
	int64_t count;
	bool kept;
};

/* Activities are 0..n-1, the start n, the end n + 1. Arcs: the graph's edges in their order, then starts, then ends. */
struct sketch {
	struct arc *arcs;
	size_t n_arcs, n_edges;
	uint32_t n;
};

/* Marks arcs [lo, hi), by falling count (earlier first among equals), until they hold the share of their sum. */
static void keep_share(struct sketch *s, size_t lo, size_t hi, double share)
{
	int64_t total = 0, sum = 0;
	for (size_t i = lo; i < hi; i++) total += s->arcs[i].count;
	while (!enough(sum, total, share)) {
		size_t best = NO_ARC;
		for (size_t i = lo; i < hi; i++)
			if (!s->arcs[i].kept && (best == NO_ARC || s->arcs[i].count > s->arcs[best].count)) best = i;
		if (best == NO_ARC) return;
		s->arcs[best].kept = true;
		sum += s->arcs[best].count;
	}
}

/* The strongest arc into and out of an activity, loops aside. */
static void keep_strongest(struct sketch *s, uint32_t node)
{
	size_t in = NO_ARC, out = NO_ARC;
	for (size_t i = 0; i < s->n_arcs; i++) {
		const struct arc *a = &s->arcs[i];
		if (a->from == a->to) continue;
		if (a->to == node && (in == NO_ARC || a->count > s->arcs[in].count)) in = i;
		if (a->from == node && (out == NO_ARC || a->count > s->arcs[out].count)) out = i;
	}
	if (in != NO_ARC) s->arcs[in].kept = true;
	if (out != NO_ARC) s->arcs[out].kept = true;
}

/* Looking from the start along the arcs, or from the end against them. */
enum direction { ALONG, AGAINST };
static uint32_t tail_of(const struct arc *a, enum direction d)
{
	return d == ALONG ? a->from : a->to;
}
static uint32_t head_of(const struct arc *a, enum direction d)
{
	return d == ALONG ? a->to : a->from;
}

static void reach(const struct sketch *s, enum direction d, bool *reached)
{
	memset(reached, 0, NODES_MAX * sizeof *reached);
	reached[d == ALONG ? s->n : s->n + 1] = true;
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < s->n_arcs; i++) {
			const struct arc *a = &s->arcs[i];
			if (!a->kept || !reached[tail_of(a, d)] || reached[head_of(a, d)]) continue;
			reached[head_of(a, d)] = more = true;
		}
	}
}

/* For each node the last arc of the way from the root whose weakest arc is strongest (Dijkstra with min for sum). */
static void widest_ways(const struct sketch *s, enum direction d, size_t *last)
{
	int64_t width[NODES_MAX] = { 0 };
	bool done[NODES_MAX] = { false };
	for (uint32_t v = 0; v < NODES_MAX; v++) last[v] = NO_ARC;
	width[d == ALONG ? s->n : s->n + 1] = INT64_MAX;
	for (uint32_t round = 0; round < s->n + 2; round++) {
		uint32_t at = NODES_MAX;
		for (uint32_t v = 0; v < s->n + 2; v++)
			if (!done[v] && width[v] && (at == NODES_MAX || width[v] > width[at])) at = v;
		if (at == NODES_MAX) return;
		done[at] = true;
		for (size_t i = 0; i < s->n_arcs; i++) {
			const struct arc *a = &s->arcs[i];
			if (tail_of(a, d) != at || done[head_of(a, d)]) continue;
			const int64_t w = a->count < width[at] ? a->count : width[at];
			if (w <= width[head_of(a, d)]) continue;
			width[head_of(a, d)] = w;
			last[head_of(a, d)] = i;
		}
	}
}

static void keep_ways(struct sketch *s, enum direction d)
{
	bool reached[NODES_MAX];
	size_t last[NODES_MAX];
	widest_ways(s, d, last);
	reach(s, d, reached);
	for (uint32_t v = 0; v < s->n; v++) {
		if (reached[v]) continue;
		for (uint32_t at = v; last[at] != NO_ARC; at = tail_of(&s->arcs[last[at]], d))
			s->arcs[last[at]].kept = true;
		reach(s, d, reached);
	}
}

static enum err_code sketch_make(struct sketch *s, const struct journey_view *v, const struct journey_dfg *g,
                                 const uint32_t *place, struct arena *a, struct err *err)
{
	*s = (struct sketch){ .n = (uint32_t)v->n_activities, .n_edges = g->n_edges };
	s->arcs = ARENA_ARRAY(a, struct arc, g->n_edges + 2 * v->n_activities);
	if (!s->arcs) return err_no_memory(err);
	for (size_t i = 0; i < g->n_edges; i++)
		s->arcs[s->n_arcs++] = (struct arc){ .from = place[g->edges[i].from],
			                             .to = place[g->edges[i].to],
			                             .count = g->edges[i].count };
	for (uint32_t i = 0; i < s->n; i++)
		s->arcs[s->n_arcs++] = (struct arc){ .from = s->n, .to = i, .count = v->activities[i].starts };
	for (uint32_t i = 0; i < s->n; i++)
		s->arcs[s->n_arcs++] = (struct arc){ .from = i, .to = s->n + 1, .count = v->activities[i].ends };
	return OK;
}

/* Starts and ends from the graph; place[i] is where the graph's activity i stands in the view. */
static enum err_code place_activities(const struct journey_choice *c, const struct journey_dfg *g, struct arena *a,
                                      struct journey_view *v, uint32_t **place, struct err *err)
{
	*place = ARENA_ARRAY(a, uint32_t, g->n_activities);
	v->activities = ARENA_ARRAY(a, struct journey_view_activity, c->n_kept);
	if (!*place || !v->activities) return err_no_memory(err);
	v->n_activities = c->n_kept;
	for (size_t k = 0; k < c->n_kept; k++) {
		struct journey_view_activity *x = &v->activities[k];
		*x = c->kept[k];
		for (size_t i = 0; i < g->n_activities; i++) {
			if (!str_eq(g->activities[i].name, x->name)) continue;
			(*place)[i] = (uint32_t)k;
			x->starts = g->starts[i];
			x->ends = g->ends[i];
		}
	}
	return OK;
}

/* Marks what is drawn when `share` of the successions is asked for; how many edges that are. */
static int64_t keep_arcs(struct sketch *s, double share)
{
	for (size_t i = 0; i < s->n_arcs; i++) s->arcs[i].kept = false;
	keep_share(s, 0, s->n_edges, share);
	keep_share(s, s->n_edges, s->n_edges + s->n, share);
	keep_share(s, s->n_edges + s->n, s->n_arcs, share);
	for (uint32_t i = 0; i < s->n; i++) keep_strongest(s, i);
	keep_ways(s, ALONG);
	keep_ways(s, AGAINST);
	int64_t n = 0;
	for (size_t i = 0; i < s->n_edges; i++) n += s->arcs[i].kept;
	return n;
}

static int falling(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a < b) - (a > b);
}

/*
 * The share of the most edges, strongest first, with which at most
 * JOURNEY_SIGHT_EDGES are drawn: more edges seldom draw fewer, so it is found
 * by halving. 0 when the ways of the activities alone are as many.
 */
static enum err_code share_at_sight(struct sketch *s, struct arena *a, double *out, struct err *err)
{
	int64_t *sums = ARENA_ARRAY(a, int64_t, s->n_edges + 1);
	if (!sums) return err_no_memory(err);
	for (size_t i = 0; i < s->n_edges; i++) sums[i + 1] = s->arcs[i].count;
	qsort(sums + 1, s->n_edges, sizeof *sums, falling);
	for (size_t i = 0; i < s->n_edges; i++) sums[i + 1] += sums[i];
	const int64_t total = sums[s->n_edges];
	size_t low = 0, high = 0; /* so many edges have room; so many are asked for */
	while (!enough(sums[high], total, JOURNEY_SIGHT_SHARE)) high++;
	while (low < high) {
		const size_t k = (low + high + 1) / 2;
		if (keep_arcs(s, (double)sums[k] / (double)total) <= JOURNEY_SIGHT_EDGES) low = k;
		else high = k - 1;
	}
	*out = total ? (double)sums[low] / (double)total : 1;
	return OK;
}

enum err_code journey_view(const struct journey_choice *c, const struct journey_dfg *g,
                           const struct journey_simplify *what, struct arena *a, struct journey_view *out,
                           struct err *err)
{
	struct journey_view v = { .cases = g->cases, .customers = g->customers, .variants = g->variants };
	struct sketch s;
	uint32_t *place;
	TRY(place_activities(c, g, a, &v, &place, err));
	TRY(sketch_make(&s, &v, g, place, a, err));
	v.shares = *what;
	if (what->activities < 0) v.shares.activities = c->events ? (double)g->events / (double)c->events : 1;
	if (what->edges < 0) TRY(share_at_sight(&s, a, &v.shares.edges, err));
	keep_arcs(&s, v.shares.edges);

	v.edges = ARENA_ARRAY(a, struct journey_view_edge, g->n_edges);
	if (!v.edges) return err_no_memory(err);
	v.kept = (struct journey_view_kept){ .activities = (int64_t)c->n_kept,
		                             .of_activities = c->activities,
		                             .events = g->events,
		                             .of_events = c->events,
		                             .cases = g->cases,
		                             .of_cases = c->cases,
		                             .of_edges = (int64_t)g->n_edges };
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct journey_edge *e = &g->edges[i];
		v.kept.of_edge_count += e->count;
		if (!s.arcs[i].kept) continue;
		v.kept.edge_count += e->count;
		v.edges[v.n_edges++] = (struct journey_view_edge){ .from = place[e->from],
			                                           .to = place[e->to],
			                                           .count = e->count,
			                                           .customers = e->customers,
			                                           .mean_ms = e->mean_ms,
			                                           .p50_ms = e->p50_ms,
			                                           .p90_ms = e->p90_ms };
	}
	v.kept.edges = (int64_t)v.n_edges;
	for (uint32_t i = 0; i < s.n; i++) {
		v.activities[i].start_kept = s.arcs[s.n_edges + i].kept;
		v.activities[i].end_kept = s.arcs[s.n_edges + s.n + i].kept;
	}
	*out = v;
	return OK;
}
