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
enum { DELTA_SHARE = 16, DELTA_SPARE_ROWS = 256, CHANGES_FOR_THREADS = 2000 };

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
	struct change *changes; /* by part */
	size_t n_changes, cap_changes, first_change[INDEX_PARTS + 1];
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

static void mark_dead(const struct journey_columns *base, uint64_t *dead, uint32_t customer)
{
	const uint32_t i = columns_find(base, customer);
	if (i != UINT32_MAX) dead[i / 64] |= (uint64_t)1 << (i % 64);
}

/* What a part is written anew from. */
struct assembly {
	struct pieces lists[PIECES_LISTS_MAX], all; /* new and changed; the rest of the delta; of the base */
	size_t n_lists;
	struct journey_columns stage;
	struct journey_codes stage_codes[INDEX_DIMENSIONS_MAX];
	const struct journey_columns **sources, *delta, *base; /* as they are now; NULL none */
	size_t n_sources;
	uint32_t *leaving; /* customers whose present slices in this part are not to be copied */
	size_t n_leaving;
};

static void assembly_done(struct assembly *a)
{
	for (size_t i = 0; i < PIECES_LISTS_MAX; i++) free(a->lists[i].list);
	free(a->all.list);
	free(a->sources);
	free(a->leaving);
}

static bool list_leaving(struct assembly *a, const struct work *w, uint32_t q, const struct change *list, size_t n)
{
	const struct numbers *displaced = &w->ix->displaced;
	a->leaving = calloc(n + displaced->n + 1, sizeof *a->leaving);
	if (!a->leaving) return false;
	for (size_t i = 0; i < n; i++) a->leaving[a->n_leaving++] = list[i].customer;
	for (uint32_t i = 0; i < displaced->n; i++)
		if (index_part_of(displaced->list[i]) == q) a->leaving[a->n_leaving++] = displaced->list[i];
	if (a->n_leaving) qsort(a->leaving, a->n_leaving, sizeof *a->leaving, by_number);
	return true;
}

static bool list_changed(struct assembly *a, const struct index *ix, const struct stage *stage,
                         const struct change *list, size_t n)
{
	bool ok = pieces_stage(&a->lists[0], stage, 0);
	for (size_t i = 0; i < n && ok; i++) {
		const struct change *c = &list[i];
		uint32_t place;
		const struct journey_columns *slice = part_find(ix->parts[index_part_of(c->from)], c->from, &place);
		if (!slice) continue;
		const struct split *split = split_of(ix, c->from);
		const uint32_t source = (uint32_t)a->n_sources;
		a->sources[a->n_sources++] = slice;
		ok = split ? pieces_owned(&a->lists[0], slice, place, split->owner, c->customer, source)
		           : pieces_slice(&a->lists[0], slice, place, c->customer, source);
	}
	return ok;
}

static bool list_rest(struct assembly *a, const struct journey_columns *c)
{
	const uint32_t source = (uint32_t)a->n_sources;
	if (!c) return true;
	a->sources[a->n_sources++] = c;
	return pieces_rest(&a->lists[a->n_lists++], c, a->leaving, a->n_leaving, source);
}

static bool assemble(struct assembly *a, const struct work *w, uint32_t q)
{
	const struct index *ix = w->ix;
	const struct part *old = ix->parts[q];
	const struct change *list = w->changes + w->first_change[q];
	const size_t n = w->first_change[q + 1] - w->first_change[q];
	for (size_t i = 0; old && i < old->pub.n; i++) {
		const struct journey_columns *c = &old->pub.runs[i].columns;
		if (old->base && old->pub.runs[i].id == old->base->id) a->base = c;
		else a->delta = c;
	}
	a->sources = calloc(n + 3, sizeof *a->sources);
	a->stage = stage_columns(&ix->stages[q], a->stage_codes);
	if (!a->sources || !list_leaving(a, w, q, list, n)) return false;
	a->sources[a->n_sources++] = &a->stage;
	a->n_lists = 1;
	return list_changed(a, ix, &ix->stages[q], list, n) && pieces_order(&a->lists[0], a->sources) &&
	       list_rest(a, a->delta);
}

static struct run *assembled(struct assembly *a, const struct work *w, uint32_t q)
{
	if (!pieces_merge(&a->all, a->lists, a->n_lists)) return NULL;
	return run_make(&a->all, a->sources, a->n_sources, w->n_dims, w->first_run + q);
}

static uint64_t delta_rows_max(uint64_t base_rows, uint32_t q)
{
	return (base_rows + DELTA_SPARE_ROWS) * (INDEX_PARTS + q) / ((uint64_t)INDEX_PARTS * DELTA_SHARE);
}

/* The bits of the base's slices that are dead from now on. */
static uint64_t *dead_after(const struct part *old, const struct assembly *a)
{
	const size_t words = old->base->columns.n_customers / 64 + 1;
	uint64_t *dead = calloc(words, sizeof *dead);
	if (!dead) return NULL;
	if (old->dead) memcpy(dead, old->dead, words * sizeof *dead);
	for (size_t i = 0; a->base && i < a->n_leaving; i++) mark_dead(a->base, dead, a->leaving[i]);
	return dead;
}

static struct part *rebuild_part(struct work *w, uint32_t q)
{
	struct part *old = w->ix->parts[q], *fresh = NULL;
	struct assembly *a = calloc(1, sizeof *a);
	struct run *delta = NULL, *base = old ? old->base : NULL;
	uint64_t *dead = NULL;
	if (!a || !assemble(a, w, q)) goto done;

	uint64_t rows = 0;
	for (size_t i = 0; i < a->n_lists; i++) rows += a->lists[i].rows;
	if (base && rows <= delta_rows_max(base->columns.n_rows, q)) {
		dead = dead_after(old, a);
		delta = dead ? assembled(a, w, q) : NULL;
		if (!delta) goto done;
		base->refs++;
	} else {
		base = list_rest(a, a->base) ? assembled(a, w, q) : NULL;
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
	if (a) assembly_done(a);
	free(a);
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
	if (ix->dropping) return true;
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
	for (uint32_t q = 0, at = 0; q <= INDEX_PARTS; q++) {
		while (at < w->n_changes && w->changes[at].part < q) at++;
		w->first_change[q] = at;
	}
	return OK;
}

enum err_code rebuild_parts(struct index *ix, struct part *fresh[INDEX_PARTS], struct err *err)
{
	struct work w = { .ix = ix, .n_dims = atomic_load(&ix->n_dims), .fresh = fresh, .first_run = ix->next_run };
	memset(fresh, 0, INDEX_PARTS * sizeof *fresh);
	enum err_code rc = list_changes(&w, err);
	if (rc == OK) {
		ix->next_run += INDEX_PARTS;
		pthread_t helpers[16];
		int n = 0;
		for (int want = ix->threads - 1;
		     w.n_changes >= CHANGES_FOR_THREADS && n < want && n < (int)COUNT_OF(helpers); n++)
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
