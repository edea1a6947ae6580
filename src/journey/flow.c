/*
 * Directly-follows graph and variants in one scan.
 *
 * An edge is found by a table over pairs while activities are few (1,024),
 * by hashing beyond. A customer is counted once for an edge by remembering
 * the last customer that took it: slices are contiguous, so that is enough.
 * Variants are found by a 64-bit hash of the sequence and compared step by
 * step on a hit: two sequences never share a count.
 */
#include "journey/priv.h"

#include <math.h>

#include "base/checked.h"
#include "base/hash.h"

enum { DENSE_MAX = 1024 };

struct edge {
	uint32_t from, to;
	int64_t count, customers;
	uint32_t last; /* serial of the customer that took it last */
	struct journey_durations times;
};

struct node {
	int64_t count, customers, starts, ends;
	int64_t rank2_sum; /* of relative positions, in units of 2^-32 (an integer: see header on merging) */
	uint32_t last;
};

struct variant {
	uint64_t hash;
	uint64_t first; /* arrival of the first event of the first case */
	int64_t count;
	uint32_t *steps;
	uint32_t n_steps;
};

struct journey_flow {
	const struct journey_plan *p;
	unsigned parts;
	uint32_t n_nodes;
	struct node *nodes;
	struct edge *edges;
	uint32_t n_edges, cap_edges;
	uint32_t *dense;          /* [from * n_nodes + to]: edge + 1 */
	uint32_t *slots, n_slots; /* else: open addressing, edge + 1 */
	struct variant *variants;
	uint32_t n_variants, cap_variants;
	uint32_t *variant_slots, n_variant_slots;
	struct arena sequences;
	uint32_t *sequence, cap_sequence;
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
	f->n_nodes = activities_of(p);
	f->nodes = calloc(f->n_nodes, sizeof *f->nodes);
	arena_init(&f->sequences, 2 * GIB);
	if (f->n_nodes <= DENSE_MAX) f->dense = calloc((size_t)f->n_nodes * f->n_nodes + 1, sizeof *f->dense);
	if (!f->nodes || (f->n_nodes <= DENSE_MAX && !f->dense)) {
		journey_flow_free(f);
		return NULL;
	}
	return f;
}

void journey_flow_free(struct journey_flow *f)
{
	if (!f) return;
	for (uint32_t i = 0; i < f->n_edges; i++) journey_durations_done(&f->edges[i].times);
	free(f->edges);
	free(f->nodes);
	free(f->dense);
	free(f->slots);
	free(f->variants);
	free(f->variant_slots);
	free(f->sequence);
	arena_done(&f->sequences);
	cases_done(&f->cs);
	free(f);
}

static struct edge *edge_append(struct journey_flow *f, uint32_t from, uint32_t to)
{
	if (!grow((void **)&f->edges, &f->cap_edges, f->n_edges + 1, sizeof *f->edges)) {
		f->failed = true;
		return NULL;
	}
	struct edge *e = &f->edges[f->n_edges++];
	*e = (struct edge){ .from = from, .to = to };
	return e;
}

static uint32_t edge_slot(const struct journey_flow *f, uint32_t from, uint32_t to)
{
	uint32_t i = (uint32_t)hash64_mix(from, to) & (f->n_slots - 1);
	while (f->slots[i] && (f->edges[f->slots[i] - 1].from != from || f->edges[f->slots[i] - 1].to != to))
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
	for (uint32_t i = 0; i < f->n_edges; i++) slots[edge_slot(f, f->edges[i].from, f->edges[i].to)] = i + 1;
	return true;
}

static struct edge *edge_of(struct journey_flow *f, uint32_t from, uint32_t to)
{
	if (f->dense) {
		uint32_t *slot = &f->dense[(size_t)from * f->n_nodes + to];
		if (*slot) return &f->edges[*slot - 1];
		struct edge *e = edge_append(f, from, to);
		if (e) *slot = f->n_edges;
		return e;
	}
	if (f->n_edges * 2 >= f->n_slots && !edge_slots_grow(f)) {
		f->failed = true;
		return NULL;
	}
	const uint32_t s = edge_slot(f, from, to);
	if (f->slots[s]) return &f->edges[f->slots[s] - 1];
	struct edge *e = edge_append(f, from, to);
	if (e) f->slots[s] = f->n_edges;
	return e;
}

static uint32_t variant_slot(const struct journey_flow *f, uint64_t hash, const uint32_t *steps, uint32_t n)
{
	uint32_t i = (uint32_t)hash & (f->n_variant_slots - 1);
	for (; f->variant_slots[i]; i = (i + 1) & (f->n_variant_slots - 1)) {
		const struct variant *v = &f->variants[f->variant_slots[i] - 1];
		if (v->hash == hash && v->n_steps == n && memcmp(v->steps, steps, n * sizeof *steps) == 0) break;
	}
	return i;
}

static bool variant_slots_grow(struct journey_flow *f)
{
	const uint32_t n = f->n_variant_slots ? f->n_variant_slots * 2 : 4096;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	free(f->variant_slots);
	f->variant_slots = slots;
	f->n_variant_slots = n;
	for (uint32_t i = 0; i < f->n_variants; i++) {
		uint32_t at = (uint32_t)f->variants[i].hash & (n - 1);
		while (slots[at]) at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	return true;
}

static void variant_add(struct journey_flow *f, const uint32_t *steps, uint32_t n, int64_t count, uint64_t first)
{
	if (f->n_variants * 2 >= f->n_variant_slots && !variant_slots_grow(f)) {
		f->failed = true;
		return;
	}
	const uint64_t hash = hash64((struct str){ (const char *)steps, n * sizeof *steps });
	const uint32_t s = variant_slot(f, hash, steps, n);
	if (f->variant_slots[s]) {
		struct variant *v = &f->variants[f->variant_slots[s] - 1];
		v->count += count;
		if (first < v->first) v->first = first;
		return;
	}
	uint32_t *copy = ARENA_ARRAY(&f->sequences, uint32_t, n);
	if (!copy || !grow((void **)&f->variants, &f->cap_variants, f->n_variants + 1, sizeof *f->variants)) {
		f->failed = true;
		return;
	}
	memcpy(copy, steps, n * sizeof *steps);
	f->variants[f->n_variants++] =
	        (struct variant){ .hash = hash, .first = first, .count = count, .steps = copy, .n_steps = n };
	f->variant_slots[s] = f->n_variants;
}

/* One case: rows[0..n) in order. */
static void add_case(struct journey_flow *f, const struct journey_columns *c, const uint32_t *rows, uint32_t n)
{
	if (!grow((void **)&f->sequence, &f->cap_sequence, n, sizeof *f->sequence)) {
		f->failed = true;
		return;
	}
	uint32_t *seq = f->sequence;
	for (uint32_t i = 0; i < n; i++) seq[i] = activity(f->p, c, rows[i]);

	f->cases++;
	f->events += n;
	f->nodes[seq[0]].starts++;
	f->nodes[seq[n - 1]].ends++;
	for (uint32_t i = 0; i < n; i++) {
		struct node *a = &f->nodes[seq[i]];
		a->count++;
		a->customers += a->last != f->serial;
		a->last = f->serial;
		a->rank2_sum += (int64_t)(((uint64_t)(2 * i + 1) << 31) / n);
	}
	if (f->parts & JOURNEY_FLOW_EDGES) {
		for (uint32_t i = 1; i < n; i++) {
			struct edge *e = edge_of(f, seq[i - 1], seq[i]);
			if (!e) return;
			e->count++;
			e->customers += e->last != f->serial;
			e->last = f->serial;
			journey_durations_add(&e->times, c->at_ms[rows[i]] - c->at_ms[rows[i - 1]]);
		}
	}
	if (f->parts & JOURNEY_FLOW_VARIANTS) variant_add(f, seq, n, 1, c->arrival[rows[0]]);
}

void journey_flow_add(struct journey_flow *f, const struct journey_columns *c)
{
	for (uint32_t i = 0; i < c->n_customers && !f->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(f->p, c, i, &f->cs)) continue;
		f->serial++;
		f->customers++;
		for (uint32_t k = 0; k < f->cs.n; k++)
			add_case(f, c, f->cs.row + f->cs.start[k], f->cs.start[k + 1] - f->cs.start[k]);
	}
	f->failed |= f->cs.failed;
}

void journey_flow_merge(struct journey_flow *f, struct journey_flow *from)
{
	f->failed |= from->failed;
	f->events += from->events;
	f->customers += from->customers;
	f->cases += from->cases;
	for (uint32_t i = 0; i < f->n_nodes; i++) {
		f->nodes[i].count += from->nodes[i].count;
		f->nodes[i].customers += from->nodes[i].customers;
		f->nodes[i].starts += from->nodes[i].starts;
		f->nodes[i].ends += from->nodes[i].ends;
		f->nodes[i].rank2_sum += from->nodes[i].rank2_sum;
	}
	for (uint32_t i = 0; i < from->n_edges; i++) {
		const struct edge *o = &from->edges[i];
		struct edge *e = edge_of(f, o->from, o->to);
		if (!e) return;
		e->count += o->count;
		e->customers += o->customers;
		journey_durations_merge(&e->times, &o->times);
		f->failed |= e->times.failed;
	}
	for (uint32_t i = 0; i < from->n_variants; i++) {
		const struct variant *v = &from->variants[i];
		variant_add(f, v->steps, v->n_steps, v->count, v->first);
	}
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
	if (!*place || !*order) return err_no_memory(err);
	size_t k = 0;
	for (uint32_t i = 0; i < f->n_nodes; i++)
		if (f->nodes[i].count)
			(*order)[k++] =
			        (struct ranked){ .name = activity_name(f->p, i), .count = f->nodes[i].count, .at = i };
	qsort(*order, k, sizeof **order, by_count_then_names);
	for (size_t i = 0; i < k; i++) (*place)[(*order)[i].at] = (uint32_t)i;
	*n = k;
	return OK;
}

enum err_code journey_flow_dfg(const struct journey_flow *f, struct arena *a, struct journey_dfg *out, struct err *err)
{
	if (f->failed) return err_no_memory(err);
	struct journey_dfg g = {
		.events = f->events, .customers = f->customers, .cases = f->cases, .variants = f->n_variants
	};
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
		const struct node *nd = &f->nodes[order[i].at];
		g.activities[i] = (struct journey_activity){ .name = order[i].name,
			                                     .count = nd->count,
			                                     .customers = nd->customers };
		g.starts[i] = nd->starts;
		g.ends[i] = nd->ends;
	}
	for (uint32_t i = 0; i < f->n_edges; i++) {
		const struct edge *e = &f->edges[i];
		if (e->times.failed) return err_no_memory(err);
		edges[i] = (struct ranked){ .name = activity_name(f->p, e->from),
			                    .second = activity_name(f->p, e->to),
			                    .count = e->count,
			                    .at = i };
	}
	qsort(edges, f->n_edges, sizeof *edges, by_count_then_names);
	g.n_edges = f->n_edges;
	for (uint32_t i = 0; i < f->n_edges; i++) {
		const struct edge *e = &f->edges[edges[i].at];
		g.edges[i] = (struct journey_edge){
			.from = place[e->from],
			.to = place[e->to],
			.count = e->count,
			.customers = e->customers,
			.mean_ms = (double)e->times.sum / (double)e->times.n,
			.p50_ms = journey_durations_quantile(&e->times, 0.5),
			.p90_ms = journey_durations_quantile(&e->times, 0.9),
		};
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
	for (size_t i = 0; i < n && i < dfg->n_activities; i++) {
		const struct node *nd = &f->nodes[order[i].at];
		v[i] = ldexp((double)nd->rank2_sum, -32) / (double)nd->count;
	}
	*out = v;
	return OK;
}

static int by_count_then_first(const void *a, const void *b)
{
	const struct variant *x = *(const struct variant *const *)a, *y = *(const struct variant *const *)b;
	if (x->count != y->count) return x->count > y->count ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

enum err_code journey_flow_variants(const struct journey_flow *f, size_t top, struct arena *a,
                                    struct journey_variants *out, struct err *err)
{
	if (f->failed) return err_no_memory(err);
	struct journey_variants v = { .variants = f->n_variants, .cases = f->cases };
	uint32_t *place;
	struct ranked *order;
	TRY(rank_nodes(f, a, &place, &order, &v.n_activities, err));
	v.n_top = top < f->n_variants ? top : f->n_variants;
	v.activities = ARENA_ARRAY(a, struct str, v.n_activities);
	v.top = ARENA_ARRAY(a, struct journey_variant, v.n_top);
	const struct variant **sorted = malloc((f->n_variants + 1) * sizeof *sorted);
	if (!v.activities || !v.top || !sorted) {
		free(sorted);
		return err_no_memory(err);
	}
	for (size_t i = 0; i < v.n_activities; i++) v.activities[i] = order[i].name;
	for (uint32_t i = 0; i < f->n_variants; i++) sorted[i] = &f->variants[i];
	qsort(sorted, f->n_variants, sizeof *sorted, by_count_then_first);
	enum err_code rc = OK;
	for (size_t i = 0; i < v.n_top && rc == OK; i++) {
		uint32_t *steps = ARENA_ARRAY(a, uint32_t, sorted[i]->n_steps);
		if (!steps) rc = err_no_memory(err);
		for (uint32_t k = 0; steps && k < sorted[i]->n_steps; k++) steps[k] = place[sorted[i]->steps[k]];
		v.top[i] = (struct journey_variant){ .steps = steps,
			                             .n_steps = sorted[i]->n_steps,
			                             .count = sorted[i]->count };
	}
	free(sorted);
	if (rc == OK) *out = v;
	return rc;
}
