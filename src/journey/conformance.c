/*
 * Conformance over a log. A case is cut down to the events that count; each
 * different sequence is aligned once by each thread, and what came out is
 * kept beside it, so a case is a look-up and a few sums.
 */
#include "base/checked.h"
#include "base/hash.h"
#include "journey/align.h"

#include <math.h>

struct path { /* one sequence of codes that count */
	uint64_t hash;
	const uint16_t *steps;
	uint32_t n;
	int64_t count;
	uint32_t cost;
	uint64_t skipped;
	const uint16_t *inserted; /* different codes */
	uint32_t n_inserted;
};

struct deviants {
	int64_t cases, customers;
	uint32_t last_customer; /* serial */
};

struct conformance {
	const struct journey_plan *p;
	const struct journey_conformance_figure *figure;
	struct journey_set *set; /* NULL without a figure */
	struct automaton x;
	struct path *paths;
	uint32_t n_paths, cap_paths;
	uint32_t *slots, n_slots; /* place + 1 */
	struct arena kept;
	uint16_t *steps;                                             /* of the case at hand */
	bool *marks;                                                 /* of its alignment */
	struct deviants skipped[JOURNEY_MODEL_NODES_MAX], *inserted; /* [node], [code] */
	struct cluster own;
	struct side fitness;
	int64_t cases, customers, outside, too_long, fitting;
	struct cases cs;
	uint32_t customer;
	bool failed;
};

static uint32_t find_code(const void *plan, struct str name)
{
	return journey_activity_find(plan, name);
}

static void conformance_free(void *pass)
{
	struct conformance *w = pass;
	if (!w) return;
	journey_set_free(w->set);
	automaton_done(&w->x);
	free(w->paths);
	free(w->slots);
	free(w->steps);
	free(w->marks);
	free(w->inserted);
	arena_done(&w->kept);
	cases_done(&w->cs);
	free(w);
}

static void *conformance_make(const struct journey_plan *p, const void *what)
{
	const struct journey_conformance_query *q = what;
	struct conformance *w = calloc(1, sizeof *w);
	if (!w) return NULL;
	w->p = p;
	w->figure = q->figure;
	arena_init(&w->kept, 2 * GIB);
	w->steps = malloc(JOURNEY_MODEL_TRACE_MAX * sizeof *w->steps);
	w->marks = malloc(JOURNEY_MODEL_TRACE_MAX * sizeof *w->marks);
	w->inserted = calloc(activities_of(p), sizeof *w->inserted);
	w->set = q->figure ? journey_set_new() : NULL;
	if (w->steps && w->marks && w->inserted && (w->set || !q->figure) &&
	    automaton_make(&w->x, q->model, activities_of(p), find_code, p))
		return w;
	conformance_free(w);
	return NULL;
}

/* --- paths ------------------------------------------------------------------------------------------ */

static uint32_t path_slot(const struct conformance *w, uint64_t hash, const uint16_t *steps, uint32_t n)
{
	uint32_t i = (uint32_t)hash & (w->n_slots - 1);
	for (; w->slots[i]; i = (i + 1) & (w->n_slots - 1)) {
		const struct path *v = &w->paths[w->slots[i] - 1];
		if (v->hash == hash && v->n == n && memcmp(v->steps, steps, n * sizeof *steps) == 0) break;
	}
	return i;
}

static bool path_slots_grow(struct conformance *w)
{
	const uint32_t n = w->n_slots ? w->n_slots * 2 : 1024;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	free(w->slots);
	w->slots = slots;
	w->n_slots = n;
	for (uint32_t i = 0; i < w->n_paths; i++) {
		uint32_t at = (uint32_t)w->paths[i].hash & (n - 1);
		while (slots[at]) at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	return true;
}

/* Aligns a new path: its cost, the nodes skipped, the different codes inserted. */
static bool path_align(struct conformance *w, struct path *v)
{
	struct aligned got;
	if (!automaton_align(&w->x, v->steps, v->n, &got, w->marks)) return false;
	uint16_t *inserted = ARENA_ARRAY(&w->kept, uint16_t, v->n);
	if (!inserted) return false;
	v->cost = got.cost;
	v->skipped = got.skipped;
	for (uint32_t i = 0; i < v->n; i++) {
		bool seen = !w->marks[i];
		for (uint32_t k = 0; k < v->n_inserted && !seen; k++) seen = inserted[k] == v->steps[i];
		if (!seen) inserted[v->n_inserted++] = v->steps[i];
	}
	v->inserted = inserted;
	return true;
}

static struct path *path_of(struct conformance *w, const uint16_t *steps, uint32_t n)
{
	if (w->n_paths * 2 >= w->n_slots && !path_slots_grow(w)) return NULL;
	const uint64_t hash = hash64((struct str){ (const char *)steps, n * sizeof *steps });
	const uint32_t s = path_slot(w, hash, steps, n);
	if (w->slots[s]) return &w->paths[w->slots[s] - 1];
	uint16_t *copy = ARENA_ARRAY(&w->kept, uint16_t, n);
	if (!copy || !grow((void **)&w->paths, &w->cap_paths, w->n_paths + 1, sizeof *w->paths)) return NULL;
	memcpy(copy, steps, n * sizeof *steps);
	struct path *v = &w->paths[w->n_paths];
	*v = (struct path){ .hash = hash, .steps = copy, .n = n };
	if (!path_align(w, v)) return NULL;
	w->slots[s] = ++w->n_paths;
	return v;
}

/* --- cases ------------------------------------------------------------------------------------------ */

static void deviant(struct conformance *w, struct deviants *d)
{
	d->cases++;
	d->customers += d->last_customer != w->customer;
	d->last_customer = w->customer;
}

static bool shows(const struct conformance *w, const struct path *v)
{
	const struct journey_conformance_figure *f = w->figure;
	if (!f->inserted) {
		for (size_t i = 0; i < w->x.m->n_nodes; i++)
			if (v->skipped >> i & 1 && str_eq(w->x.m->nodes[i].name, f->activity)) return true;
		return false;
	}
	for (uint32_t i = 0; i < v->n_inserted; i++)
		if (str_eq(activity_name(w->p, v->inserted[i]), f->activity)) return true;
	return false;
}

/* True when the case is one of those looked at. */
static bool add_case(struct conformance *w, const struct span *s, uint32_t customer)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		if (!w->x.counts[s->code[i]]) continue;
		if (n == JOURNEY_MODEL_TRACE_MAX) {
			w->too_long++;
			return false;
		}
		w->steps[n++] = s->code[i];
	}
	if (n == 0) {
		w->outside++;
		return false;
	}
	struct path *v = path_of(w, w->steps, n);
	if (!v) {
		w->failed = true;
		return false;
	}
	v->count++;
	w->cases++;
	w->fitting += v->cost == 0;
	w->own.n++;
	w->own.s += fix(fitness_of(v->cost, v->n, w->x.shortest));
	for (uint64_t bits = v->skipped; bits; bits &= bits - 1) deviant(w, &w->skipped[__builtin_ctzll(bits)]);
	for (uint32_t i = 0; i < v->n_inserted; i++) deviant(w, &w->inserted[v->inserted[i]]);
	if (w->figure && shows(w, v)) journey_set_add(w->set, customer);
	return true;
}

static void conformance_add(void *pass, const struct journey_columns *c)
{
	struct conformance *w = pass;
	for (uint32_t i = 0; i < c->n_customers && !w->failed; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(w->p, c, i, &w->cs);
		bool any = false;
		w->customer++;
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&w->cs, k);
			any |= add_case(w, &s, c->customer[i]);
		}
		w->customers += any;
		side_add(&w->fitness, &w->own, 1);
		w->own = (struct cluster){ 0 };
	}
}

static void deviants_merge(struct deviants *d, const struct deviants *o)
{
	d->cases += o->cases;
	d->customers += o->customers;
}

static void conformance_merge(void *pass, void *from)
{
	struct conformance *w = pass;
	const struct conformance *o = from;
	w->failed |= o->failed || o->cs.failed;
	w->cases += o->cases;
	w->customers += o->customers;
	w->outside += o->outside;
	w->too_long += o->too_long;
	w->fitting += o->fitting;
	side_merge(&w->fitness, &o->fitness);
	for (size_t i = 0; i < w->x.m->n_nodes; i++) deviants_merge(&w->skipped[i], &o->skipped[i]);
	for (uint32_t i = 0; i < w->x.n_codes; i++) deviants_merge(&w->inserted[i], &o->inserted[i]);
	if (w->set) journey_set_or(w->set, o->set);
	for (uint32_t i = 0; i < o->n_paths && !w->failed; i++) {
		struct path *v = path_of(w, o->paths[i].steps, o->paths[i].n);
		if (v) v->count += o->paths[i].count;
		else w->failed = true;
	}
}

const struct journey_pass journey_conformance_pass = { conformance_make, conformance_add, conformance_merge,
	                                               conformance_free };

/* --- results ------------------------------------------------------------------------------------------ */

static int by_cases(const void *x, const void *y)
{
	const struct journey_deviation *a = x, *b = y;
	if (a->cases != b->cases) return a->cases > b->cases ? -1 : 1;
	if (a->inserted != b->inserted) return a->inserted ? 1 : -1;
	return str_cmp(a->activity, b->activity);
}

static enum err_code put_deviation(struct journey_conformance *r, const struct deviants *d, bool inserted,
                                   struct str activity, struct err *err)
{
	if (!d->cases) return OK;
	struct journey_deviation *x = &r->deviations[r->n_deviations++];
	*x = (struct journey_deviation){
		.inserted = inserted, .activity = activity, .cases = d->cases, .customers = d->customers
	};
	return stats_proportion(d->cases, r->cases, &x->share, err);
}

/* What a path costs all its cases together, in fitness. */
static double lost(const struct conformance *w, const struct path *v)
{
	return (double)v->count * (1 - fitness_of(v->cost, v->n, w->x.shortest));
}

static bool worse(const struct conformance *w, const struct path *a, const struct path *b)
{
	const double x = lost(w, a), y = lost(w, b);
	if (x != y) return x > y;
	for (uint32_t i = 0; i < a->n && i < b->n; i++) {
		const int c = str_cmp(activity_name(w->p, a->steps[i]), activity_name(w->p, b->steps[i]));
		if (c) return c < 0;
	}
	return a->n < b->n;
}

static enum err_code worst_of(const struct conformance *w, struct arena *a, struct journey_conformance *r,
                              struct err *err)
{
	const struct path *top[JOURNEY_MISFITS_MAX];
	size_t n = 0;
	for (uint32_t i = 0; i < w->n_paths; i++) {
		const struct path *v = &w->paths[i];
		if (!v->cost) continue;
		size_t at = n;
		while (at && worse(w, v, top[at - 1])) at--;
		if (at == JOURNEY_MISFITS_MAX) continue;
		if (n < JOURNEY_MISFITS_MAX) n++;
		memmove(&top[at + 1], &top[at], (n - at - 1) * sizeof(top[0]));
		top[at] = v;
	}
	for (size_t i = 0; i < n; i++) {
		struct str *steps = ARENA_ARRAY(a, struct str, top[i]->n);
		if (!steps) return err_no_memory(err);
		for (uint32_t k = 0; k < top[i]->n; k++) steps[k] = activity_name(w->p, top[i]->steps[k]);
		r->worst[i] = (struct journey_misfit){ .steps = steps,
			                               .n_steps = top[i]->n,
			                               .count = top[i]->count,
			                               .fitness = fitness_of(top[i]->cost, top[i]->n, w->x.shortest) };
	}
	r->n_worst = n;
	return OK;
}

enum err_code journey_conformance_result(const void *pass, struct arena *a, struct journey_conformance *out,
                                         struct err *err)
{
	const struct conformance *w = pass;
	if (w->failed || w->cs.failed) return err_no_memory(err);
	struct journey_conformance r = { .cases = w->cases,
		                         .customers = w->customers,
		                         .outside = w->outside,
		                         .too_long = w->too_long,
		                         .fitting = w->fitting,
		                         .variants = w->n_paths };
	r.deviations = ARENA_ARRAY(a, struct journey_deviation, w->x.m->n_nodes + w->x.n_codes);
	if (!r.deviations) return err_no_memory(err);
	for (size_t i = 0; i < w->x.m->n_nodes; i++)
		TRY(put_deviation(&r, &w->skipped[i], false, w->x.m->nodes[i].name, err));
	for (uint32_t i = 0; i < w->x.n_codes; i++)
		TRY(put_deviation(&r, &w->inserted[i], true, activity_name(w->p, i), err));
	qsort(r.deviations, r.n_deviations, sizeof *r.deviations, by_cases);
	const struct stats_group g = side_group(&w->fitness);
	r.fitness_mean = g.mean;
	stats_mean_group(&g, &r.fitness);
	stats_on_scale(&r.fitness, (struct interval){ 0, 1 });
	stats_mark(&r.fitness);
	TRY(worst_of(w, a, &r, err));
	*out = r;
	return OK;
}

enum err_code journey_conformance_people(const void *pass, const struct journey_set **out, struct err *err)
{
	const struct conformance *w = pass;
	if (w->failed || w->cs.failed) return err_no_memory(err);
	*out = w->set;
	return OK;
}
