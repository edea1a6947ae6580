/*
 * Who is one customer now, from what the feed said of pairs of identities.
 *
 *   joins of the batch ──union──► components, at least as large as they are at its end
 *   those in which a pair was taken apart ──► made anew from all edges that hold ──► slices split by identity
 *
 * What is in a slice does not say whose identity it was: the heads of the log do, read for these rows alone.
 */
#include "index/writer.h"

#include "base/checked.h"

NODISCARD static bool numbers_add(struct numbers *l, uint32_t x)
{
	if (l->n == l->cap) {
		const uint64_t cap = l->cap ? (uint64_t)l->cap * 2 : 64;
		uint32_t *grown = cap > UINT32_MAX ? NULL : realloc(l->list, cap * sizeof *grown);
		if (!grown) return false;
		l->list = grown;
		l->cap = (uint32_t)cap;
	}
	l->list[l->n++] = x;
	return true;
}

static int by_number(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

static void numbers_unique(struct numbers *l)
{
	uint32_t kept = 0;
	if (l->n == 0) return;
	qsort(l->list, l->n, sizeof *l->list, by_number);
	for (uint32_t i = 0; i < l->n; i++)
		if (i == 0 || l->list[i] != l->list[kept - 1]) l->list[kept++] = l->list[i];
	l->n = kept;
}

/* Every identity of a component. */
NODISCARD static bool numbers_add_ring(struct numbers *l, const struct people *p, uint32_t identity)
{
	uint32_t x = identity;
	do {
		if (!numbers_add(l, x)) return false;
		x = p->next[x];
	} while (x != identity);
	return true;
}

/* --- joining ----------------------------------------------------------------------------------- */

static enum err_code join(struct index *ix, const struct store_edge *e, struct err *err)
{
	if (!people_reserve(&ix->people, e->a > e->b ? e->a : e->b, &ix->feed)) return err_no_memory(err);
	if (e->apart) return numbers_add(&ix->apart, e->a) && numbers_add(&ix->apart, e->b) ? OK : err_no_memory(err);
	const uint32_t a = people_root(&ix->people, e->a), b = people_root(&ix->people, e->b);
	if (a == b) return OK;
	/* At the first reading there is no snapshot that knows them by another number. */
	const uint32_t root = people_better(&ix->people, a, b), other = root == a ? b : a;
	if (atomic_load(&ix->current) &&
	    (!numbers_add(&ix->displaced, other) || !numbers_add_ring(&ix->renamed, &ix->people, other)))
		return err_no_memory(err);
	people_join(&ix->people, a, b);
	return OK;
}

static enum err_code take_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	struct index *ix = ctx;
	edge_anchor_add(&ix->edge_anchor, e);
	pthread_mutex_lock(&ix->people_lock);
	const enum err_code rc = join(ix, e, err);
	pthread_mutex_unlock(&ix->people_lock);
	return rc;
}

/* --- taking apart -------------------------------------------------------------------------------- */

struct held { /* edges of a component */
	struct store_edge *list;
	size_t n, cap;
};

static enum err_code hold_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	struct held *h = ctx;
	if (h->n == h->cap) {
		const size_t cap = h->cap ? h->cap * 2 : 64;
		struct store_edge *grown = realloc(h->list, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		h->list = grown;
		h->cap = cap;
	}
	h->list[h->n++] = (struct store_edge){ .a = e->a, .b = e->b, .arrival = e->arrival, .apart = e->apart };
	return OK;
}

/* The members' component from the edges that hold below `to`; *n says how many components they are now. */
static enum err_code regroup(struct index *ix, const struct numbers *members, uint64_t to, uint32_t *n, struct err *err)
{
	struct held h = { 0 };
	struct people *p = &ix->people;
	enum err_code rc = OK;
	for (uint32_t i = 0; i < members->n && rc == OK; i++)
		rc = ix->feed.edges_of(ix->feed.ctx, members->list[i], to, hold_edge, &h, err);
	if (rc == OK) {
		h.n = store_edges_that_hold(h.list, h.n);
		pthread_mutex_lock(&ix->people_lock);
		people_part(p, members->list, members->n);
		for (size_t e = 0; e < h.n; e++) people_join(p, h.list[e].a, h.list[e].b);
		pthread_mutex_unlock(&ix->people_lock);
		*n = 0;
		for (uint32_t i = 0; i < members->n; i++) *n += people_root(p, members->list[i]) == members->list[i];
	}
	free(h.list);
	return rc;
}

struct row_of { /* a row of a slice by its arrival */
	uint64_t arrival;
	uint32_t row;
};

struct splitting {
	struct index *ix;
	struct split *split;
	struct row_of *rows; /* by arrival */
};

static int by_arrival(const void *x, const void *y)
{
	const uint64_t a = ((const struct row_of *)x)->arrival, b = ((const struct row_of *)y)->arrival;
	return a < b ? -1 : a > b;
}

static enum err_code see_owners(void *ctx, const struct store_block *b, struct err *err)
{
	struct splitting *s = ctx;
	struct people *p = &s->ix->people;
	for (size_t i = 0; i < b->n; i++) {
		const struct row_of key = { .arrival = b->heads[i].arrival };
		const struct row_of *at = bsearch(&key, s->rows, s->split->n, sizeof key, by_arrival);
		if (!at || b->heads[i].identity >= p->n)
			return err_set(err, ERR_CORRUPT, "index.identity", "", "event %llu is of nobody",
			               (unsigned long long)key.arrival);
		s->split->owner[at->row] = people_root(p, b->heads[i].identity);
	}
	return OK;
}

/* Whose rows those of a slice are now. */
static enum err_code split_slice(struct index *ix, const struct journey_columns *c, uint32_t place, struct split *out,
                                 struct err *err)
{
	const uint64_t *arrival = c->arrival + c->offset[place];
	const uint32_t n = c->offset[place + 1] - c->offset[place];
	struct split split = { .customer = c->customer[place],
		               .n = n,
		               .owner = calloc((size_t)n + 1, sizeof *split.owner) };
	struct splitting s = { .ix = ix, .split = &split, .rows = malloc(((size_t)n + 1) * sizeof *s.rows) };
	uint64_t *arrivals = malloc(((size_t)n + 1) * sizeof *arrivals);
	enum err_code rc = split.owner && s.rows && arrivals ? OK : err_no_memory(err);
	for (uint32_t i = 0; rc == OK && i < n; i++) s.rows[i] = (struct row_of){ arrival[i], i };
	if (rc == OK) qsort(s.rows, n, sizeof *s.rows, by_arrival);
	for (uint32_t i = 0; rc == OK && i < n; i++) arrivals[i] = s.rows[i].arrival;
	if (rc == OK) rc = ix->feed.heads(ix->feed.ctx, arrivals, n, see_owners, &s, err);
	for (uint32_t i = 0; rc == OK && i < n; i++)
		if (!split.owner[i])
			rc = err_set(err, ERR_CORRUPT, "index.identity", "", "event %llu is not in the log",
			             (unsigned long long)arrival[i]);
	free(arrivals);
	free(s.rows);
	if (rc == OK) *out = split;
	else free(split.owner);
	return rc;
}

static enum err_code split_add(struct index *ix, uint32_t customer, struct err *err)
{
	uint32_t place;
	const struct journey_columns *c = part_find(ix->parts[index_part_of(customer)], customer, &place);
	if (!c) return OK; /* it was no customer's number, or has no rows */
	if (ix->n_splits == ix->cap_splits) {
		const size_t cap = ix->cap_splits ? ix->cap_splits * 2 : 16;
		struct split *grown = realloc(ix->splits, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		ix->splits = grown;
		ix->cap_splits = cap;
	}
	if (!numbers_add(&ix->displaced, customer)) return err_no_memory(err);
	TRY(split_slice(ix, c, place, &ix->splits[ix->n_splits], err));
	ix->n_splits++;
	return OK;
}

/* One component in which a pair was taken apart. */
static enum err_code take_apart(struct index *ix, uint32_t root, uint64_t to, struct err *err)
{
	struct numbers members = { 0 };
	uint32_t n = 1;
	enum err_code rc = numbers_add_ring(&members, &ix->people, root) ? OK : err_no_memory(err);
	if (rc == OK) rc = regroup(ix, &members, to, &n, err);
	const bool shown = atomic_load(&ix->current) != NULL;
	for (uint32_t i = 0; rc == OK && shown && i < members.n; i++) {
		if (!numbers_add(&ix->renamed, members.list[i])) rc = err_no_memory(err);
		else if (n > 1) rc = split_add(ix, members.list[i], err);
	}
	free(members.list);
	return rc;
}

static int by_customer(const void *x, const void *y)
{
	return by_number(&((const struct split *)x)->customer, &((const struct split *)y)->customer);
}

const struct split *split_of(const struct index *ix, uint32_t customer)
{
	const struct split key = { .customer = customer };
	return ix->n_splits ? bsearch(&key, ix->splits, ix->n_splits, sizeof key, by_customer) : NULL;
}

enum err_code take_edges(struct index *ix, uint64_t to, struct err *err)
{
	TRY(ix->feed.edges(ix->feed.ctx, ix->edges_from, to, take_edge, ix, err));
	/* Each component once, however many of its pairs were named. */
	for (uint32_t i = 0; i < ix->apart.n; i++) ix->apart.list[i] = people_root(&ix->people, ix->apart.list[i]);
	numbers_unique(&ix->apart);
	for (uint32_t i = 0; i < ix->apart.n; i++) TRY(take_apart(ix, ix->apart.list[i], to, err));
	if (ix->n_splits) qsort(ix->splits, ix->n_splits, sizeof *ix->splits, by_customer);
	return OK;
}

void edges_taken(struct index *ix)
{
	for (size_t i = 0; i < ix->n_splits; i++) free(ix->splits[i].owner);
	ix->n_splits = 0;
	ix->displaced.n = ix->apart.n = 0;
}

void edges_done(struct index *ix)
{
	edges_taken(ix);
	free(ix->splits);
	free(ix->displaced.list);
	free(ix->apart.list);
	free(ix->renamed.list);
}
