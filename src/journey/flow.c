/*
 * The directly-follows graph and variants in one scan.
 *
 *   number   [from * n + to]: edge + 1, while activities are few (1,024); by hashing beyond     4 bytes a pair
 *   edges    in the order they were met, so that the common ones lie together                  64 bytes
 *   classes  of an edge's durations, once there are more than 256, in large pages             5.5 KiB
 *
 * Where no quantiles are asked for and activities are few (128), counts and
 * sums lie in
 *
 *   passed   [from * n + to], which become edges at the end                                   24 bytes a pair
 *
 * A customer is counted once for an edge, and for an activity, by remembering
 * the last customer that took it: slices are contiguous, so that is enough.
 * How often an activity was met is known from the edges into it and the
 * cases that start there.
 */
#include "journey/priv.h"

#include <math.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/pages.h"

enum { DENSE_MAX = 1024, PASSED_MAX = 128, LINE_BYTES = 64 };
enum { EDGES_ANY = JOURNEY_FLOW_EDGES | JOURNEY_FLOW_MEANS | JOURNEY_FLOW_COUNTS };

struct edge {
	struct journey_durations times; /* n: the count; sum and the rest as far as asked for */
	uint32_t last, customers;       /* last: serial of the customer that took it last */
};
_Static_assert(sizeof(struct edge) == LINE_BYTES, "an edge is a line of the cache");

struct pair {
	uint32_t from, to;
};

struct passed {
	int64_t n, sum;
	uint32_t last, customers;
};

/*
 * Room for classes of edges. Every duration adds one to a class of its edge,
 * anywhere in megabytes (20 M events, 1,600 edges, two threads, over the
 * socket: 0.6 s in small pages, 0.26 s in large ones). The class is seldom in
 * the cache, so it is fetched and waits in a ring for DUE more durations
 * before it is counted.
 */
enum { DUE = 32 };
struct room {
	struct room *next;
	size_t used;
	uint32_t classes[];
};
enum { ROOM_EDGES = (int)((PAGES_LARGE_BYTES - sizeof(struct room)) / (DURATION_CLASSES * sizeof(uint32_t))) };

struct met {
	uint32_t last, customers;
};

struct node {
	int64_t starts, ends;
	int64_t rank2_sum; /* of relative positions, in units of 2^-32 (an integer: see header on merging) */
};

struct journey_flow {
	const struct journey_plan *p;
	unsigned parts;
	uint32_t n_nodes;
	struct met *met;
	struct node *nodes;
	struct edge *edges;
	struct pair *pairs;    /* [edge] */
	struct passed *passed; /* NULL: not used */
	uint32_t n_edges, cap_edges, cap_pairs;
	struct room *rooms;
	uint32_t *due[DUE];
	uint32_t nothing; /* stands in the ring where no class does */
	uint32_t *number;
	uint32_t *slots, n_slots; /* beyond DENSE_MAX: open addressing, edge + 1 */
	struct variants variants;
	uint32_t cut;
	struct cases cs;
	uint32_t serial;
	int64_t events, customers, cases;
	bool failed;
};

struct journey_flow *journey_flow_new(const struct journey_plan *p, unsigned parts)
{
	struct journey_flow *f = calloc(1, sizeof *f);
	if (!f) return NULL;
	f->p = p;
	f->parts = parts;
	f->cut = UINT32_MAX;
	f->variants.keep = SIZE_MAX;
	f->n_nodes = activities_of(p);
	for (int i = 0; i < DUE; i++) f->due[i] = &f->nothing;
	f->nodes = calloc(f->n_nodes, sizeof *f->nodes);
	f->met = calloc(f->n_nodes, sizeof *f->met);
	const bool passed = parts & (JOURNEY_FLOW_MEANS | JOURNEY_FLOW_COUNTS) && f->n_nodes <= PASSED_MAX;
	if (passed) f->passed = calloc((size_t)f->n_nodes * f->n_nodes, sizeof *f->passed);
	if (f->n_nodes <= DENSE_MAX) f->number = calloc((size_t)f->n_nodes * f->n_nodes + 1, sizeof *f->number);
	if (!f->nodes || !f->met || (passed && !f->passed) || (f->n_nodes <= DENSE_MAX && !f->number)) {
		journey_flow_free(f);
		return NULL;
	}
	return f;
}

void journey_flow_cut(struct journey_flow *f, uint32_t steps)
{
	f->cut = steps ? steps : UINT32_MAX;
}

void journey_flow_keep(struct journey_flow *f, size_t n)
{
	f->variants.keep = n;
}

void journey_flow_free(struct journey_flow *f)
{
	if (!f) return;
	for (uint32_t i = 0; i < f->n_edges; i++) {
		f->edges[i].times.classes = NULL; /* lie in rooms */
		journey_durations_done(&f->edges[i].times);
	}
	for (struct room *r = f->rooms, *next; r; r = next) {
		next = r->next;
		page_give(r);
	}
	free(f->edges);
	free(f->pairs);
	free(f->passed);
	free(f->nodes);
	free(f->met);
	free(f->number);
	free(f->slots);
	variants_done(&f->variants);
	cases_done(&f->cs);
	free(f);
}

/* --- edges by number -------------------------------------------------------------------------- */

static uint32_t edge_slot(const struct journey_flow *f, uint32_t from, uint32_t to)
{
	uint32_t i = (uint32_t)hash64_mix(from, to) & (f->n_slots - 1);
	while (f->slots[i] && (f->pairs[f->slots[i] - 1].from != from || f->pairs[f->slots[i] - 1].to != to))
		i = (i + 1) & (f->n_slots - 1);
	return i;
}

static bool edge_slots_grow(struct journey_flow *f)
{
	const uint32_t n = f->n_slots ? f->n_slots * 2 : 4096;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	free(f->slots);
	f->slots = slots;
	f->n_slots = n;
	for (uint32_t i = 0; i < f->n_edges; i++) slots[edge_slot(f, f->pairs[i].from, f->pairs[i].to)] = i + 1;
	return true;
}

static bool edges_reserve(struct journey_flow *f)
{
	if (f->n_edges < f->cap_edges) return true;
	const uint32_t cap = f->cap_edges ? f->cap_edges * 2 : 256;
	struct edge *grown = aligned_alloc(LINE_BYTES, (size_t)cap * sizeof *grown);
	if (!grown) return false;
	if (f->n_edges) memcpy(grown, f->edges, f->n_edges * sizeof *grown);
	free(f->edges);
	f->edges = grown;
	f->cap_edges = cap;
	return true;
}

/* A new edge's number, from 1; 0 when memory is short. */
static uint32_t edge_new(struct journey_flow *f, uint32_t from, uint32_t to)
{
	if (!edges_reserve(f) || !grow((void **)&f->pairs, &f->cap_pairs, f->n_edges + 1, sizeof *f->pairs)) {
		f->failed = true;
		return 0;
	}
	f->edges[f->n_edges] = (struct edge){ 0 };
	f->pairs[f->n_edges] = (struct pair){ from, to };
	return ++f->n_edges;
}

static uint32_t edge_hashed(struct journey_flow *f, uint32_t from, uint32_t to)
{
	if (f->n_edges * 2 >= f->n_slots && !edge_slots_grow(f)) {
		f->failed = true;
		return 0;
	}
	const uint32_t s = edge_slot(f, from, to);
	if (!f->slots[s]) {
		const uint32_t made = edge_new(f, from, to);
		f->slots[s] = made;
	}
	return f->slots[s];
}

static inline struct edge *edge_of(struct journey_flow *f, uint32_t from, uint32_t to)
{
	uint32_t number;
	if (f->number) {
		uint32_t *at = &f->number[from * f->n_nodes + to];
		if (!*at) *at = edge_new(f, from, to);
		number = *at;
	} else {
		number = edge_hashed(f, from, to);
	}
	return number ? &f->edges[number - 1] : NULL;
}

/* Zeroed classes for one edge; NULL when memory is short. */
static uint32_t *room_take(struct journey_flow *f)
{
	if (!f->rooms || f->rooms->used == ROOM_EDGES) {
		struct room *r = page_take();
		if (!r) return NULL;
		r->used = 0;
		r->next = f->rooms;
		f->rooms = r;
	}
	uint32_t *classes = f->rooms->classes + DURATION_CLASSES * f->rooms->used++;
	return memset(classes, 0, DURATION_CLASSES * sizeof *classes);
}

static void time_add_slowly(struct journey_flow *f, struct edge *e, int64_t ms)
{
	if (e->times.n == DURATION_FEW) journey_durations_to_classes(&e->times, room_take(f));
	if (!e->times.failed) journey_durations_add(&e->times, ms);
	f->failed |= e->times.failed;
}

/* `turn`: any number, one more with each duration. */
static inline void time_add(struct journey_flow *f, struct edge *e, int64_t ms, int64_t turn)
{
	if (!e->times.classes) {
		time_add_slowly(f, e, ms);
		return;
	}
	uint32_t *class = durations_count(&e->times, ms), **due = &f->due[turn & (DUE - 1)];
	__builtin_prefetch(class, 1);
	++**due;
	*due = class;
}

static void due_count(struct journey_flow *f)
{
	for (int i = 0; i < DUE; i++) {
		++*f->due[i];
		f->due[i] = &f->nothing;
	}
}

static void times_merge(struct journey_flow *f, struct edge *e, const struct journey_durations *from)
{
	if (!from->classes) {
		for (int64_t i = 0; i < from->n && from->few; i++) time_add(f, e, from->few[i], i);
		due_count(f);
		return;
	}
	if (!e->times.classes) journey_durations_to_classes(&e->times, room_take(f));
	if (!e->times.failed) journey_durations_merge(&e->times, from);
}

/* --- the scan --------------------------------------------------------------------------------- */

static inline void meet(struct met *m, uint32_t serial)
{
	m->customers += m->last != serial;
	m->last = serial;
}

/* One loop for each set of parts: `parts` is a constant wherever this is called. */
static inline __attribute__((always_inline)) void edges_of_case(struct journey_flow *f, const struct span *s,
                                                                unsigned parts)
{
	const uint32_t serial = f->serial;
	const int64_t turn = f->events;
	uint32_t from = s->code[0];
	f->nodes[from].starts++;
	meet(&f->met[from], serial);
	for (uint32_t i = 1; i < s->n; i++) {
		const uint32_t to = s->code[i];
		meet(&f->met[to], serial);
		struct edge *e = edge_of(f, from, to);
		if (!e) return;
		e->customers += e->last != serial;
		e->last = serial;
		if (parts & JOURNEY_FLOW_EDGES) {
			time_add(f, e, s->at_ms[i] - s->at_ms[i - 1], turn + i);
		} else {
			e->times.n++;
			if (parts & JOURNEY_FLOW_MEANS) e->times.sum += s->at_ms[i] - s->at_ms[i - 1];
		}
		from = to;
	}
	f->nodes[from].ends++;
}

/* The same in `passed`. */
static inline __attribute__((always_inline)) void passed_of_case(struct journey_flow *f, const struct span *s,
                                                                 unsigned parts)
{
	const uint32_t serial = f->serial, n = f->n_nodes;
	uint32_t from = s->code[0];
	f->nodes[from].starts++;
	meet(&f->met[from], serial);
	for (uint32_t i = 1; i < s->n; i++) {
		const uint32_t to = s->code[i];
		struct passed *e = &f->passed[from * n + to];
		meet(&f->met[to], serial);
		e->n++;
		if (parts & JOURNEY_FLOW_MEANS) e->sum += s->at_ms[i] - s->at_ms[i - 1];
		e->customers += e->last != serial;
		e->last = serial;
		from = to;
	}
	f->nodes[from].ends++;
}

static void positions_of_case(struct journey_flow *f, const struct span *s)
{
	struct rank r = rank_first(s->n);
	for (uint32_t i = 0; i < s->n; i++, rank_next(&r)) f->nodes[s->code[i]].rank2_sum += r.rank;
}

static void variant_of_case(struct journey_flow *f, const struct journey_columns *c, uint32_t i, const struct span *s)
{
	enum { AHEAD = 8 };
	if (i + AHEAD < c->n_customers) __builtin_prefetch(&c->arrival[c->offset[i + AHEAD]]);
	const uint32_t n = s->n < f->cut ? s->n : f->cut;
	variants_add(&f->variants, s->code, n, c->arrival[span_row(s, 0)], c->customer[i]);
}

static inline __attribute__((always_inline)) void add_run(struct journey_flow *f, const struct journey_columns *c,
                                                          unsigned parts)
{
	for (uint32_t i = 0; i < c->n_customers && !f->failed; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(f->p, c, i, &f->cs);
		if (n == 0) continue;
		f->serial++;
		f->customers++;
		f->cases += n;
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&f->cs, k);
			f->events += s.n;
			if (parts & EDGES_ANY && f->passed) passed_of_case(f, &s, parts);
			else if (parts & EDGES_ANY) edges_of_case(f, &s, parts);
			if (parts & JOURNEY_FLOW_VARIANTS) variant_of_case(f, c, i, &s);
			if (f->parts & JOURNEY_FLOW_POSITIONS) positions_of_case(f, &s);
		}
	}
	if (parts & JOURNEY_FLOW_EDGES) due_count(f);
}

void journey_flow_add(struct journey_flow *f, const struct journey_columns *c)
{
	switch (f->parts & ~(unsigned)JOURNEY_FLOW_POSITIONS) {
	case JOURNEY_FLOW_EDGES: add_run(f, c, JOURNEY_FLOW_EDGES); break;
	case JOURNEY_FLOW_MEANS: add_run(f, c, JOURNEY_FLOW_MEANS); break;
	case JOURNEY_FLOW_COUNTS: add_run(f, c, JOURNEY_FLOW_COUNTS); break;
	case JOURNEY_FLOW_VARIANTS: add_run(f, c, JOURNEY_FLOW_VARIANTS); break;
	default: add_run(f, c, f->parts);
	}
	f->failed |= f->cs.failed | f->variants.failed;
}

static void passed_merge(struct journey_flow *f, const struct journey_flow *from)
{
	for (size_t i = 0; i < (size_t)f->n_nodes * f->n_nodes; i++) {
		f->passed[i].n += from->passed[i].n;
		f->passed[i].sum += from->passed[i].sum;
		f->passed[i].customers += from->passed[i].customers;
	}
}

/* What was passed becomes edges. */
static void passed_to_edges(struct journey_flow *f)
{
	for (uint32_t i = 0; f->passed && i < f->n_nodes * f->n_nodes; i++) {
		const struct passed *p = &f->passed[i];
		struct edge *e = p->n ? edge_of(f, i / f->n_nodes, i % f->n_nodes) : NULL;
		if (e) *e = (struct edge){ .times = { .n = p->n, .sum = p->sum }, .customers = p->customers };
	}
	free(f->passed);
	f->passed = NULL;
}

void journey_flow_merge(struct journey_flow *f, struct journey_flow *from)
{
	f->failed |= from->failed;
	f->events += from->events;
	f->customers += from->customers;
	f->cases += from->cases;
	for (uint32_t i = 0; i < f->n_nodes; i++) {
		f->met[i].customers += from->met[i].customers;
		f->nodes[i].starts += from->nodes[i].starts;
		f->nodes[i].ends += from->nodes[i].ends;
		f->nodes[i].rank2_sum += from->nodes[i].rank2_sum;
	}
	if (f->passed) passed_merge(f, from);
	for (uint32_t i = 0; i < from->n_edges; i++) {
		const struct edge *o = &from->edges[i];
		struct edge *e = edge_of(f, from->pairs[i].from, from->pairs[i].to);
		if (!e) return;
		e->customers += o->customers;
		if (f->parts & JOURNEY_FLOW_EDGES) {
			times_merge(f, e, &o->times);
			f->failed |= e->times.failed | o->times.failed;
		} else {
			e->times.n += o->times.n;
			e->times.sum += o->times.sum;
		}
	}
	variants_merge(&f->variants, &from->variants);
	f->failed |= f->variants.failed;
}

void journey_flow_share(struct journey_flow *f, uint32_t share)
{
	variants_count(&f->variants, share);
}

/* --- results -------------------------------------------------------------------------------- */

struct ranked {
	struct str name, second;
	int64_t count;
	uint32_t at;
};

static int by_count_then_names(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->count != y->count) return x->count > y->count ? -1 : 1;
	const int c = str_cmp(x->name, y->name);
	return c ? c : str_cmp(x->second, y->second);
}

/* Orders activities that occur; place[node] is where each went. */
static enum err_code rank_nodes(const struct journey_flow *f, struct arena *a, uint32_t **place, struct ranked **order,
                                size_t *n, struct err *err)
{
	*place = ARENA_ARRAY(a, uint32_t, f->n_nodes);
	*order = ARENA_ARRAY(a, struct ranked, f->n_nodes);
	int64_t *count = ARENA_ARRAY(a, int64_t, f->n_nodes);
	if (!*place || !*order || !count) return err_no_memory(err);
	for (uint32_t i = 0; i < f->n_nodes; i++) count[i] = f->nodes[i].starts;
	for (uint32_t i = 0; i < f->n_edges; i++) count[f->pairs[i].to] += f->edges[i].times.n;
	size_t k = 0;
	for (uint32_t i = 0; i < f->n_nodes; i++)
		if (count[i])
			(*order)[k++] = (struct ranked){ .name = activity_name(f->p, i), .count = count[i], .at = i };
	qsort(*order, k, sizeof **order, by_count_then_names);
	for (size_t i = 0; i < k; i++) (*place)[(*order)[i].at] = (uint32_t)i;
	*n = k;
	return OK;
}

/* What was not asked for is NaN. */
static struct journey_edge edge_result(const struct journey_flow *f, const struct edge *e)
{
	struct journey_edge out = {
		.count = e->times.n, .customers = e->customers, .mean_ms = NAN, .p50_ms = NAN, .p90_ms = NAN
	};
	if (f->parts & JOURNEY_FLOW_COUNTS) return out;
	out.mean_ms = (double)e->times.sum / (double)e->times.n;
	if (f->parts & JOURNEY_FLOW_MEANS) return out;
	out.p50_ms = journey_durations_quantile(&e->times, 0.5);
	out.p90_ms = journey_durations_quantile(&e->times, 0.9);
	return out;
}

enum err_code journey_flow_dfg(struct journey_flow *f, struct arena *a, struct journey_dfg *out, struct err *err)
{
	passed_to_edges(f);
	struct journey_dfg g = {
		.events = f->events, .customers = f->customers, .cases = f->cases, .variants = variants_n(&f->variants)
	};
	if (f->failed || g.variants < 0) return err_no_memory(err);
	uint32_t *place;
	struct ranked *order;
	TRY(rank_nodes(f, a, &place, &order, &g.n_activities, err));
	g.activities = ARENA_ARRAY(a, struct journey_activity, g.n_activities);
	g.starts = ARENA_ARRAY(a, int64_t, g.n_activities);
	g.ends = ARENA_ARRAY(a, int64_t, g.n_activities);
	g.edges = ARENA_ARRAY(a, struct journey_edge, f->n_edges);
	struct ranked *edges = ARENA_ARRAY(a, struct ranked, f->n_edges);
	if (!g.activities || !g.starts || !g.ends || !g.edges || !edges) return err_no_memory(err);
	for (size_t i = 0; i < g.n_activities; i++) {
		const uint32_t node = order[i].at;
		g.activities[i] = (struct journey_activity){ .name = order[i].name,
			                                     .count = order[i].count,
			                                     .customers = f->met[node].customers };
		g.starts[i] = f->nodes[node].starts;
		g.ends[i] = f->nodes[node].ends;
	}
	for (uint32_t i = 0; i < f->n_edges; i++) {
		if (f->edges[i].times.failed) return err_no_memory(err);
		edges[i] = (struct ranked){ .name = activity_name(f->p, f->pairs[i].from),
			                    .second = activity_name(f->p, f->pairs[i].to),
			                    .count = f->edges[i].times.n,
			                    .at = i };
	}
	qsort(edges, f->n_edges, sizeof *edges, by_count_then_names);
	g.n_edges = f->n_edges;
	for (uint32_t i = 0; i < f->n_edges; i++) {
		const struct pair *pair = &f->pairs[edges[i].at];
		g.edges[i] = edge_result(f, &f->edges[edges[i].at]);
		g.edges[i].from = place[pair->from];
		g.edges[i].to = place[pair->to];
	}
	*out = g;
	return OK;
}

enum err_code journey_flow_positions(const struct journey_flow *f, const struct journey_dfg *dfg, struct arena *a,
                                     double **out, struct err *err)
{
	uint32_t *place;
	struct ranked *order;
	size_t n;
	TRY(rank_nodes(f, a, &place, &order, &n, err));
	double *v = ARENA_ARRAY(a, double, dfg->n_activities);
	if (!v) return err_no_memory(err);
	for (size_t i = 0; i < n && i < dfg->n_activities; i++)
		v[i] = ldexp((double)f->nodes[order[i].at].rank2_sum, -32) / (double)order[i].count;
	*out = v;
	return OK;
}

/* Steps as places in v->activities, which takes in a name when it is first met. place[node]: its place + 1. */
static bool name_steps(const struct journey_flow *f, const struct variant *from, uint32_t *place,
                       struct journey_variants *v, struct arena *a, struct journey_variant *out)
{
	const struct kept_case *one = from->of;
	uint32_t *steps = ARENA_ARRAY(a, uint32_t, one->n);
	if (!steps) return false;
	for (uint32_t k = 0; k < one->n; k++) {
		const uint32_t node = one->steps[k];
		if (!place[node]) {
			v->activities[v->n_activities++] = activity_name(f->p, node);
			place[node] = (uint32_t)v->n_activities;
		}
		steps[k] = place[node] - 1;
	}
	*out = (struct journey_variant){ .steps = steps,
		                         .n_steps = one->n,
		                         .count = from->count,
		                         .customers = from->customers,
		                         .id = variant_id(f->p, one->steps, one->n) };
	return true;
}

enum err_code journey_flow_variants(struct journey_flow *f, size_t top, struct arena *a, struct journey_variants *out,
                                    struct err *err)
{
	struct journey_variants v = { .variants = variants_n(&f->variants), .cases = f->cases };
	if (f->failed || v.variants < 0) return err_no_memory(err);
	if (top > (size_t)v.variants) top = (size_t)v.variants;
	uint32_t *place = ARENA_ARRAY(a, uint32_t, f->n_nodes);
	const struct variant **sorted = (const struct variant **)arena_array(a, top, sizeof *sorted);
	v.activities = ARENA_ARRAY(a, struct str, f->n_nodes);
	v.top = ARENA_ARRAY(a, struct journey_variant, top);
	if (!place || !sorted || !v.activities || !v.top) return err_no_memory(err);
	v.n_top = variants_top(&f->variants, sorted, top);
	for (size_t i = 0; i < v.n_top; i++)
		if (!name_steps(f, sorted[i], place, &v, a, &v.top[i])) return err_no_memory(err);
	*out = v;
	return OK;
}
