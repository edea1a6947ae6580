/*
 * New versions of parts after a batch. A part's new delta holds, whole, every
 * customer that the old delta had and every one that the batch touched; when
 * it outgrows the base, base and delta become a new base.
 */
#include "index/writer.h"

/*
 * A delta may have a sixteenth of the base's rows in part 0, an eighth in
 * part 255: parts grow alike, and would all be compacted in one batch if
 * they had one limit. At 20 M events and 20,000 a second a larger share
 * costs more in deltas written anew than it saves in compactions.
 */
enum { DELTA_SHARE = 16, DELTA_SPARE_ROWS = 256, ROWS_FOR_THREADS = 100000 };

struct part *part_new(struct run *base, struct run *delta, uint64_t *dead)
{
	struct part *p = calloc(1, sizeof *p);
	if (!p) return NULL;
	*p = (struct part){ .refs = 1, .base = base, .delta = delta, .dead = dead };
	struct run *const both[] = { base, delta };
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		if (!both[i] || both[i]->columns.n_rows == 0) continue;
		struct index_run *r = &p->pub.runs[p->pub.n++];
		*r = (struct index_run){ .id = both[i]->id, .columns = both[i]->columns };
		if (both[i] == base) r->columns.dead = dead;
	}
	return p;
}

void part_free(struct part *p)
{
	if (!p || --p->refs) return;
	run_free(p->base);
	run_free(p->delta);
	free(p->dead);
	free(p);
}

const struct journey_columns *part_find(const struct part *p, uint32_t customer, uint32_t *place)
{
	for (size_t i = p ? p->pub.n : 0; i-- > 0;) {
		*place = columns_find(&p->pub.runs[i].columns, customer);
		if (*place != UINT32_MAX) return &p->pub.runs[i].columns;
	}
	return NULL;
}

/* Rows that a part has to write anew: those of customer `from`, wherever they are now; of a slice that was split those
 * that belong to `customer`. */
struct change {
	uint32_t part, customer; /* whose delta, and under which number */
	uint32_t from;           /* the number its rows have now */
};

static int by_part(const void *x, const void *y)
{
	const struct change *a = x, *b = y;
	if (a->part != b->part) return a->part < b->part ? -1 : 1;
	if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

struct work {
	struct index *ix;
	size_t n_dims;
	struct change *changes;
	size_t n_changes, cap_changes;
	struct part **fresh;
	_Atomic uint32_t next;
	atomic_bool failed;
	uint64_t first_run;
	bool touched[INDEX_PARTS];
};

static int by_number(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

static bool has_number(const uint32_t *list, size_t n, uint32_t x)
{
	return n && bsearch(&x, list, n, sizeof x, by_number);
}

static void mark_dead(const struct journey_columns *base, uint64_t *dead, uint32_t customer)
{
	const uint32_t i = columns_find(base, customer);
	if (i != UINT32_MAX) dead[i / 64] |= (uint64_t)1 << (i % 64);
}

struct assembly {
	struct pieces pieces;
	struct journey_columns *sources;
	size_t n_sources;
	uint32_t ends[3]; /* of sections: new and changed; the rest of the delta; of the base */
	size_t n_sections;
	uint32_t *leaving; /* customers whose present slices in this part are not to be copied */
	size_t n_leaving;
};

static bool copy_rest(struct assembly *a, const struct journey_columns *c, uint32_t source)
{
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i) || has_number(a->leaving, a->n_leaving, c->customer[i])) continue;
		if (!pieces_slice(&a->pieces, c, i, NULL, c->customer[i], source)) return false;
	}
	return true;
}

static bool stage_pieces(struct assembly *a, const struct stage *s, uint32_t source)
{
	struct pieces *p = &a->pieces;
	if (p->n + (uint64_t)s->n > p->cap) {
		const uint64_t cap = p->n + (uint64_t)s->n;
		if (cap > UINT32_MAX) return false;
		struct piece *grown = realloc(p->list, cap * sizeof *grown);
		if (!grown) return false;
		p->list = grown;
		p->cap = (uint32_t)cap;
	}
	for (uint32_t i = 0; i < s->n; i++)
		p->list[p->n++] = (struct piece){ .customer = s->customer[i],
			                          .source = source,
			                          .row = i,
			                          .at_ms = s->at_ms[i],
			                          .arrival = s->arrival[i] };
	return true;
}

/* Changes of part q: [*from, *to) in w->changes. */
static void changes_of(const struct work *w, uint32_t q, size_t *from, size_t *to)
{
	*from = 0;
	while (*from < w->n_changes && w->changes[*from].part < q) ++*from;
	for (*to = *from; *to < w->n_changes && w->changes[*to].part == q;) ++*to;
}

static bool assemble(struct work *w, uint32_t q, struct assembly *a, size_t from, size_t to,
                     struct journey_codes *stage_codes)
{
	struct index *ix = w->ix;
	const struct part *old = ix->parts[q];
	a->sources = calloc(to - from + 3, sizeof *a->sources);
	a->leaving = calloc(to - from + ix->displaced.n + 1, sizeof *a->leaving);
	if (!a->sources || !a->leaving) return false;
	for (size_t i = from; i < to; i++) a->leaving[a->n_leaving++] = w->changes[i].customer;
	for (uint32_t i = 0; i < ix->displaced.n; i++)
		if (index_part_of(ix->displaced.list[i]) == q) a->leaving[a->n_leaving++] = ix->displaced.list[i];
	qsort(a->leaving, a->n_leaving, sizeof *a->leaving, by_number);

	a->sources[a->n_sources++] = stage_columns(&ix->stages[q], stage_codes);
	if (!stage_pieces(a, &ix->stages[q], 0)) return false;
	for (size_t i = from; i < to; i++) {
		const struct change *c = &w->changes[i];
		uint32_t place;
		const struct journey_columns *slice = part_find(ix->parts[index_part_of(c->from)], c->from, &place);
		if (!slice) continue;
		a->sources[a->n_sources] = *slice;
		const struct split *split = split_of(ix, c->from);
		const uint32_t *owner = split ? split->owner : NULL;
		if (!pieces_slice(&a->pieces, slice, place, owner, c->customer, (uint32_t)a->n_sources++)) return false;
	}
	a->ends[a->n_sections++] = a->pieces.n;
	if (old && old->delta) {
		a->sources[a->n_sources] = old->delta->columns;
		if (!copy_rest(a, &old->delta->columns, (uint32_t)a->n_sources++)) return false;
		a->ends[a->n_sections++] = a->pieces.n;
	}
	return true;
}

static uint64_t delta_rows_max(uint64_t base_rows, uint32_t q)
{
	return (base_rows + DELTA_SPARE_ROWS) * (INDEX_PARTS + q) / ((uint64_t)INDEX_PARTS * DELTA_SHARE);
}

static struct part *rebuild_part(struct work *w, uint32_t q)
{
	struct index *ix = w->ix;
	struct part *old = ix->parts[q], *fresh = NULL;
	struct assembly a = { 0 };
	struct journey_codes stage_codes[INDEX_DIMENSIONS_MAX];
	struct run *delta = NULL, *base = old ? old->base : NULL;
	uint64_t *dead = NULL;
	size_t from, to;
	changes_of(w, q, &from, &to);
	if (!assemble(w, q, &a, from, to, stage_codes)) goto done;

	if (base && a.pieces.n <= delta_rows_max(base->columns.n_rows, q)) {
		const struct journey_columns *bc =
		        old->pub.n && old->pub.runs[0].id == base->id ? &old->pub.runs[0].columns : &base->columns;
		const size_t words = base->columns.n_customers / 64 + 1;
		dead = calloc(words, sizeof *dead);
		if (!dead) goto done;
		if (old->dead) memcpy(dead, old->dead, words * sizeof *dead);
		for (size_t i = 0; i < a.n_leaving; i++) mark_dead(bc, dead, a.leaving[i]);
		if (!pieces_sort(&a.pieces, a.ends, a.n_sections)) goto done;
		delta = run_make(&a.pieces, a.sources, w->n_dims, w->first_run + q);
		if (!delta) goto done;
		base->refs++;
	} else {
		if (base) {
			struct journey_columns bc = base->columns;
			bc.dead = old->dead;
			struct journey_columns *grown = realloc(a.sources, (a.n_sources + 1) * sizeof *grown);
			if (!grown) goto done;
			a.sources = grown;
			a.sources[a.n_sources] = bc;
			if (!copy_rest(&a, &bc, (uint32_t)a.n_sources++)) goto done;
			a.ends[a.n_sections++] = a.pieces.n;
		}
		if (!pieces_sort(&a.pieces, a.ends, a.n_sections)) goto done;
		base = run_make(&a.pieces, a.sources, w->n_dims, w->first_run + q);
		if (!base) goto done;
	}
	fresh = part_new(base, delta, dead);
	if (fresh) dead = NULL;
	else {
		run_free(base);
		run_free(delta);
	}
done:
	free(dead);
	free(a.pieces.list);
	free(a.sources);
	free(a.leaving);
	return fresh;
}

static void *worker(void *arg)
{
	struct work *w = arg;
	for (uint32_t q; (q = atomic_fetch_add(&w->next, 1)) < INDEX_PARTS;) {
		if (!w->touched[q] || atomic_load(&w->failed)) continue;
		w->fresh[q] = rebuild_part(w, q);
		if (!w->fresh[q]) atomic_store(&w->failed, true);
	}
	return NULL;
}

static bool change_add(struct work *w, struct change c)
{
	if (w->n_changes == w->cap_changes) {
		const size_t cap = w->cap_changes ? w->cap_changes * 2 : 1024;
		struct change *grown = realloc(w->changes, cap * sizeof *grown);
		if (!grown) return false;
		w->changes = grown;
		w->cap_changes = cap;
	}
	w->changes[w->n_changes++] = c;
	return true;
}

/* Rows of `from` come to customer `to`, who is written anew with what it has. */
static bool comes_to(struct work *w, uint32_t to, uint32_t from)
{
	const uint32_t home = index_part_of(to);
	w->touched[home] = true;
	return change_add(w, (struct change){ home, to, from }) && change_add(w, (struct change){ home, to, to });
}

/* A customer whose slice does not stay: all of it goes to whom it is one with now, or each row to its owner. */
static bool list_displaced(struct work *w, uint32_t customer)
{
	struct index *ix = w->ix;
	uint32_t place;
	const struct split *split = split_of(ix, customer);
	if (!part_find(ix->parts[index_part_of(customer)], customer, &place)) return true;
	w->touched[index_part_of(customer)] = true;
	if (!split) return comes_to(w, people_root(&ix->people, customer), customer);
	for (uint32_t i = 0; i < split->n; i++)
		if ((i == 0 || split->owner[i] != split->owner[i - 1]) && !comes_to(w, split->owner[i], customer))
			return false;
	return true;
}

/* Every customer with staged rows is written anew in its part, as is everyone who got rows of another. */
static enum err_code list_changes(struct work *w, struct err *err)
{
	struct index *ix = w->ix;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		const struct stage *s = &ix->stages[q];
		w->touched[q] = s->n > 0;
		/* At the first reading there is nothing to copy: no part has a slice of anybody. */
		if (!ix->parts[q]) continue;
		for (uint32_t i = 0; i < s->n; i++)
			if (!change_add(w, (struct change){ q, s->customer[i], s->customer[i] }))
				return err_no_memory(err);
	}
	for (uint32_t i = 0; i < ix->displaced.n; i++)
		if (!list_displaced(w, ix->displaced.list[i])) return err_no_memory(err);
	const size_t n = w->n_changes;
	if (n) qsort(w->changes, n, sizeof *w->changes, by_part);
	w->n_changes = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_part(&w->changes[w->n_changes - 1], &w->changes[i]) != 0)
			w->changes[w->n_changes++] = w->changes[i];
	return OK;
}

enum err_code rebuild_parts(struct index *ix, struct part *fresh[INDEX_PARTS], struct err *err)
{
	struct work w = { .ix = ix, .n_dims = atomic_load(&ix->n_dims), .fresh = fresh, .first_run = ix->next_run };
	memset(fresh, 0, INDEX_PARTS * sizeof *fresh);
	enum err_code rc = list_changes(&w, err);
	if (rc == OK) {
		ix->next_run += INDEX_PARTS;
		uint64_t rows = 0;
		for (int q = 0; q < INDEX_PARTS; q++) rows += ix->stages[q].n;
		pthread_t helpers[16];
		int n = 0;
		for (int want = ix->threads - 1; rows >= ROWS_FOR_THREADS && n < want && n < (int)COUNT_OF(helpers);
		     n++)
			if (pthread_create(&helpers[n], NULL, worker, &w) != 0) break;
		worker(&w);
		while (n) pthread_join(helpers[--n], NULL);
		if (atomic_load(&w.failed)) rc = err_no_memory(err);
	}
	for (int q = 0; rc != OK && q < INDEX_PARTS; q++) {
		part_free(fresh[q]);
		fresh[q] = NULL;
	}
	free(w.changes);
	return rc;
}
